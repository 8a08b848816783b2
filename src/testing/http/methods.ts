import assert from "node:assert/strict";
import { expectEmpty, expectProblem } from "./expect.ts";
import { ALLOW, concrete, GETS, ROUTES } from "./routes.ts";
import type { HttpPromises } from "./subject.ts";

const UNKNOWN = ["PUT", "PATCH", "PROPFIND", "QUERY", "PURGE", "M-SEARCH", "LINK", "REPORT"];

/** What each path may be asked. */
export const methodPromises: HttpPromises = {
  "OPTIONS says what is allowed, and no header of CORS": async ({ send }) => {
    for (const [path, allow] of Object.entries(ALLOW)) {
      const headers = { origin: "https://other.example", "access-control-request-method": "POST" };
      expectEmpty(await send(concrete(path), { method: "OPTIONS", headers }), 204, { allow });
    }
  },
  "a method that a path does not have is 405, and says which it has": async ({ send }) => {
    for (const [path, allow] of Object.entries(ALLOW)) {
      const known = ROUTES.filter((route) => route.path === path).map(({ method }) => String(method));
      const others = ["GET", "POST", "DELETE"].filter((method) => !known.includes(method));
      for (const method of [...others, ...UNKNOWN])
        expectProblem(await send(concrete(path), { method }), "method_not_allowed", { headers: { allow } });
    }
  },
  "a body, and a type of one, change nothing of that": async ({ send }) => {
    for (const method of ["PUT", "PATCH", "DELETE", "QUERY", "PROPFIND"]) {
      const headers = { "content-type": "text/plain" };
      const answer = await send("/login", { method, headers, body: "x" });
      expectProblem(answer, "method_not_allowed", { headers: { allow: ALLOW["/login"] ?? "" } });
    }
  },
  "no header makes another method of one": async ({ post }) => {
    const headers = { "x-http-method-override": "GET", "x-method-override": "GET" };
    const answer = await post("/me?_method=GET", { _method: "GET" }, { headers });
    expectProblem(answer, "method_not_allowed", { headers: { allow: ALLOW["/me"] ?? "" } });
  },
  "HEAD answers as GET does, without the body": async ({ send, signUp }) => {
    const { accessToken } = await signUp();
    for (const { path, access } of GETS) {
      for (const token of access === "public" ? [undefined] : [accessToken, "forged", undefined]) {
        const full = await send(path, { token });
        const head = await send(path, { method: "HEAD", token });
        assert.deepEqual(head, { ...full, body: "" });
      }
    }
    const { body: _, ...missing } = await send("/nothing");
    assert.deepEqual(await send("/nothing", { method: "HEAD" }), { ...missing, body: "" });
  },
};
