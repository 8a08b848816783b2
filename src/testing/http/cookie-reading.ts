import assert from "node:assert/strict";
import { expectEnded, expectSet, VARY } from "./cookie-expect.ts";
import { expectEmpty, expectJson, expectPageProblem } from "./expect.ts";
import type { PagePromises } from "./page.ts";
import { concrete, ROUTES } from "./routes.ts";
import { ACCESS, type PageAnswer, REFRESH } from "./set-cookie.ts";

/** What a request's cookies count for, and those that a neighbour planted. */
export const cookieReadingPromises: PagePromises = {
  "a refresh and a logout need no body, and have no field": async (page) => {
    await page.signUp();
    const json = { "content-type": "application/json" };
    for (const [body, headers] of [
      [undefined, {}],
      [undefined, json],
      [{}, json],
    ] as const)
      assert.equal((await page.post("/refresh", body, headers)).status, 200);
    for (const path of ["/refresh", "/logout"]) {
      const answer = await page.post(path, { refreshToken: page.jar.get(REFRESH) });
      expectPageProblem(answer, "invalid_input", { errors: [["", "unknown_field"]], headers: VARY });
    }
    assert.equal((await page.post("/logout", undefined, json)).status, 204);
  },
  "two cookies of one name are refused, in either order": async (page) => {
    await page.signUp();
    const twice = (name: string): readonly string[] => {
      const good = `${name}=${page.jar.get(name)}`;
      return [`${good}; ${name}=x`, `${name}=x; ${good}`, `${good}; ${good}`];
    };
    for (const cookie of twice(ACCESS))
      expectPageProblem(await page.send("/me", { headers: { cookie } }), "invalid_token", { headers: VARY });
    for (const cookie of twice(REFRESH)) {
      const answer = await page.post("/refresh", undefined, { cookie });
      expectPageProblem(answer, "invalid_token", { headers: VARY });
      expectSet(answer, []);
    }
  },
  "a planted cookie keeps no user from signing out": async (page) => {
    await page.signUp();
    for (const name of [REFRESH, ACCESS]) {
      await page.signIn();
      const copy = new Map(page.jar);
      const cookie = `${name}=x; ${name}=${copy.get(name)}; ${name}=`;
      const out = await page.post("/logout", undefined, { cookie });
      expectEmpty(out, 204, VARY);
      expectEnded(out);
      const me = await page.send("/me", { headers: { cookie: `${ACCESS}=${copy.get(ACCESS)}` } });
      expectPageProblem(me, "session_revoked", { headers: VARY });
    }
  },
  // Class: prefixes of cookie names passed by white space that browsers keep and servers drop.
  "a name that only looks like one of ours is another's": async (page) => {
    await page.signUp();
    const own = `${ACCESS}=${page.jar.get(ACCESS)}`;
    for (const before of ["\u00a0", "\u0085", "x", '"', "="]) {
      const planted = before + own;
      for (const cookie of [planted, `a=b; ${planted}`, `a=b;${planted}`])
        expectPageProblem(await page.send("/me", { headers: { cookie } }), "token_missing", {
          headers: VARY,
        });
      assert.equal((await page.send("/me", { headers: { cookie: `${own}; ${planted}` } })).status, 200);
    }
  },
  "with `?optional`, no user is an answer, which says whether a refresh cookie came, of any value": async (
    page,
  ) => {
    const ask = (cookie: string): Promise<PageAnswer> => page.send("/me?optional", { headers: { cookie } });
    await page.signUp();
    const { jar } = page;
    const [access, refresh] = [`${ACCESS}=${jar.get(ACCESS)}`, `${REFRESH}=${jar.get(REFRESH)}`];
    assert.equal(JSON.parse((await ask(access)).body).user.email, "ada@example.com");
    const rows: readonly (readonly [cookie: string, renewable: boolean])[] = [
      ["", false],
      [`${REFRESH}=`, false],
      [refresh, true],
      [`${REFRESH}=forged`, true],
      [`${refresh}; ${REFRESH}=planted`, true],
      [`${ACCESS}=forged`, false],
      [`${access}; ${access}`, false],
      [`${ACCESS}=forged; ${refresh}`, true],
    ];
    for (const [cookie, renewable] of rows) {
      const answer = await ask(cookie);
      expectJson(answer, 200, { shape: { user: null, session: null, renewable }, headers: VARY });
      expectSet(answer, []);
    }
    // The refresh token was not tried: it is as good as before.
    assert.equal((await page.post("/refresh", undefined, { cookie: refresh })).status, 200);
  },
  "with `?optional`, a session that has ended is no user, and its cookies are left to the refresh": async (
    page,
  ) => {
    await page.signUp();
    const cookie = [ACCESS, REFRESH].map((name) => `${name}=${page.jar.get(name)}`).join("; ");
    await page.post("/logout");
    const answer = await page.send("/me?optional", { headers: { cookie } });
    expectJson(answer, 200, { shape: { user: null, session: null, renewable: true }, headers: VARY });
    expectSet(answer, []);
  },
  "an Authorization header is one way too many": async (page) => {
    await page.signUp();
    const token = page.jar.get(ACCESS);
    for (const authorization of [`Bearer ${token}`, "Basic YTpi"])
      for (const { method, path } of ROUTES) {
        const answer = await page.send(concrete(path), { method, headers: { authorization } });
        expectPageProblem(answer, "malformed_request", { headers: VARY });
        expectSet(answer, []);
      }
    for (const path of ["/me?optional", "/me"])
      expectPageProblem(
        await page.send(path, { headers: { authorization: `Bearer ${token}` } }),
        "malformed_request",
        { headers: VARY },
      );
    const without = await page.subject.send("/me", { token });
    assert.equal(without.status, 400);
  },
};
