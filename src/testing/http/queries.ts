import assert from "node:assert/strict";
import { expectProblem } from "./expect.ts";
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
    ];
    for (const [query, path, code] of rows)
      expectProblem(await send(`/events?${query}`, { token }), "invalid_input", { errors: [[path, code]] });
  },
  "a query parameter that is there twice is one too many": async ({ send, signUp }) => {
    const { accessToken: token } = await signUp();
    for (const query of ["limit=1&limit=2", "limit=1&limit=1", "cursor=x&cursor=x"])
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
