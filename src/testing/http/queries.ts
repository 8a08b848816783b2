import assert from "node:assert/strict";
import { expectJson, expectProblem, type Shape } from "./expect.ts";
import { eventShape } from "./shapes.ts";
import type { HttpPromises } from "./subject.ts";

/** What is in queries. */
export const queryPromises: HttpPromises = {
  "a page is asked for in plain numbers, and by a cursor that was given": async ({ send, signUp }) => {
    const { accessToken: token } = await signUp();
    const rows: readonly (readonly [query: string, path: string, code: string])[] = [
      ["limit=0", "limit", "too_small"],
      ["limit=101", "limit", "too_big"],
      ["limit=abc", "limit", "invalid_type"],
      ["limit=1e1", "limit", "invalid_type"],
      ["limit=-1", "limit", "invalid_type"],
      ["limit=", "limit", "invalid_type"],
      ["limit=%31%00", "limit", "invalid_type"],
      ["limit=9999999999999999999999", "limit", "invalid_type"],
      ["cursor=x", "cursor", "invalid_cursor"],
      ["cursor=%f0%28", "cursor", "invalid_cursor"],
      ["user=1", "", "unknown_field"],
      ["__proto__=1", "", "unknown_field"],
      ["limit[]=1", "", "unknown_field"],
      ["type=logins", "type.0", "invalid_value"],
      ["type=login,delete", "type.1", "invalid_value"],
      ["type=login,", "type.1", "invalid_value"],
      ["type=", "type.0", "invalid_value"],
      ["type[]=login", "", "unknown_field"],
      ["outcome=won", "outcome.0", "invalid_value"],
      ["outcome=success,%27", "outcome.1", "invalid_value"],
      [`type=${Array(99).fill("login").join(",")}`, "type", "too_big"],
      ["types=login", "", "unknown_field"],
    ];
    for (const [query, path, code] of rows)
      expectProblem(await send(`/events?${query}`, { token }), "invalid_input", { errors: [[path, code]] });
  },
  "events are asked for by type and outcome, with several words of each": async ({ send, post, signUp }) => {
    const { accessToken: token } = await signUp();
    await post("/login", { email: "ada@example.com", password: "Wrong1password" });
    const [failed, signup] = [
      eventShape("login", "failure", "wrong_password"),
      eventShape("signup", "success", null),
    ];
    const rows: readonly (readonly [query: string, events: readonly Shape[]])[] = [
      ["outcome=success", [signup]],
      ["outcome=failure,refused", [failed]],
      ["type=login", [failed]],
      ["type=login,signup", [failed, signup]],
      ["type=login%2Csignup", [failed, signup]],
      ["type=login,login&limit=1", [failed]],
      ["type=login&outcome=success", []],
      ["type=logout", []],
    ];
    for (const [query, events] of rows)
      expectJson(await send(`/events?${query}`, { token }), 200, { shape: { events, nextCursor: null } });
  },
  "a query parameter that is there twice is one too many": async ({ send, signUp }) => {
    const { accessToken: token } = await signUp();
    for (const query of ["limit=1&limit=2", "limit=1&limit=1", "cursor=x&cursor=x", "type=login&type=signup"])
      expectProblem(await send(`/events?${query}`, { token }), "malformed_request");
  },
  "an unknown query changes nothing": async ({ send, signUp }) => {
    const { accessToken: token } = await signUp();
    for (const path of [
      "/me?anything=goes",
      "/me?",
      "/me?%",
      "/me?a=1&a=2",
      "/me??",
      "/events?",
      "/events?limit=1",
    ])
      assert.equal((await send(path, { token })).status, 200, path);
  },
};
