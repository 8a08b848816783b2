import assert from "node:assert/strict";
import { expectProblem } from "./expect.ts";
import type { PagePromises } from "./page.ts";
import { ACCESS, REFRESH } from "./set-cookie.ts";

/** The application's own routes. */
export const pageGuardPromises: PagePromises = {
  "who is signed in is known by their cookie, whatever the method": async (page) => {
    const { user } = JSON.parse((await page.signUp()).body);
    for (const [method, path] of [
      ["GET", "/whoami"],
      ["POST", "/whoami"],
      ["GET", `/users/${user.id}`],
    ] as const) {
      const answer = await page.sendToApp(path, { method });
      assert.deepEqual([path, answer.status, JSON.parse(answer.body)], [path, 200, { userId: user.id }]);
    }
  },
  "another site's page changes nothing there either": async (page) => {
    await page.signUp();
    for (const origin of ["https://evil.example", "null"])
      expectProblem(
        await page.sendToApp("/whoami", { method: "POST", headers: { origin } }),
        "cross_site_request",
      );
  },
  "no one else gets in": async (page) => {
    await page.signUp();
    const cookie = `${ACCESS}=${page.jar.get(ACCESS)}`;
    for (const refused of ["a=b", `${cookie}; ${cookie}`, `${ACCESS}=${page.jar.get(REFRESH)}`])
      expectProblem(await page.sendToApp("/whoami", { headers: { cookie: refused } }), "invalid_token");
    const authorization = `Bearer ${page.jar.get(ACCESS)}`;
    expectProblem(await page.sendToApp("/whoami", { headers: { authorization } }), "malformed_request");
  },
};
