import assert from "node:assert/strict";
import { expectPageProblem } from "./expect.ts";
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
      expectPageProblem(
        await page.sendToApp("/whoami", { method: "POST", headers: { origin } }),
        "cross_site_request",
      );
  },
  "a socket is opened for pages of our own alone": async (page) => {
    await page.signUp();
    const opening = { "sec-fetch-mode": "websocket" };
    for (const from of [
      {},
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "same-origin" },
    ])
      expectPageProblem(
        await page.sendToApp("/whoami", { headers: { ...opening, ...from } }),
        "cross_site_request",
      );
    const own = await page.sendToApp("/whoami", { headers: { ...opening, origin: page.origin } });
    assert.equal(own.status, 200);
  },
  "no one else gets in": async (page) => {
    await page.signUp();
    const cookie = `${ACCESS}=${page.jar.get(ACCESS)}`;
    for (const none of ["a=b", `${ACCESS}=`])
      expectPageProblem(await page.sendToApp("/whoami", { headers: { cookie: none } }), "token_missing");
    for (const refused of [`${cookie}; ${cookie}`, `${ACCESS}=${page.jar.get(REFRESH)}`])
      expectPageProblem(await page.sendToApp("/whoami", { headers: { cookie: refused } }), "invalid_token");
    const authorization = `Bearer ${page.jar.get(ACCESS)}`;
    expectPageProblem(await page.sendToApp("/whoami", { headers: { authorization } }), "malformed_request");
  },
};
