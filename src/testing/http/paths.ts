import assert from "node:assert/strict";
import { expectProblem } from "./expect.ts";
import { EMAIL, PASSWORD } from "./shapes.ts";
import type { HttpPromises, Sent } from "./subject.ts";

const LOGIN: Sent = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
};

/** Other spellings of `/login`, all of them below the base path. */
const ALIASES = [
  "",
  "/",
  "/login/",
  "//login",
  "/login//",
  "/Login",
  "/LOGIN",
  "/./login",
  "/x/../login",
  "/%2e/login",
  "/%2E%2e/auth/login",
  "/%6cogin",
  "/login%2f",
  "/login%00",
  "/login%20",
  "/login%0d%0a",
  "/login;x=1",
  "/login.json",
  "/login\\",
  "/login/x",
  "/{id}",
  "/nothing",
  "/__proto__",
  "/constructor",
  "/%",
  "/%zz",
  "/%c0%af",
  "/login%",
  `/${"a".repeat(3000)}`,
  "/sessions/",
  "/sessions/a/b",
];

/** One spelling of a path reaches its route: a limit on it, or a rule of a proxy, is not dodged by another. */
export const pathPromises: HttpPromises = {
  "no other spelling of a path reaches its route": async ({ send }) => {
    for (const alias of ALIASES)
      for (const sent of [LOGIN, { method: "GET" }, { method: "DELETE" }])
        expectProblem(await send(alias, sent), "not_found");
  },
  "nor does one that leaves the base path": async ({ sendTo, basePath, signUp }) => {
    await signUp();
    const targets = [
      basePath.toUpperCase(),
      `/${basePath}`,
      `${basePath}\\`,
      basePath.replace(/^\//, "/./"),
      basePath.replace(/^\//, "/x/../"),
      basePath.replace(/^\/./, (start) => `/%${start.charCodeAt(1).toString(16)}`),
      `http://127.0.0.1${basePath}`,
    ].map((base) => `${base}/login`);
    for (const target of [...targets, `${basePath}login`, `${basePath}%2flogin`, `${basePath};/login`])
      assert.equal((await sendTo(target, LOGIN)).status, 404, target);
  },
  "a fragment is no part of a path": async ({ send }) => {
    expectProblem(await send("/login#x", LOGIN), "not_found");
  },
  "OPTIONS and HEAD of what is not there are 404 too": async ({ send }) => {
    for (const path of ["/nothing", "", "/login/"]) {
      expectProblem(await send(path, { method: "OPTIONS" }), "not_found");
      assert.equal((await send(path, { method: "HEAD" })).status, 404);
    }
  },
};
