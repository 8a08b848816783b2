import assert from "node:assert/strict";
import { expectBrief, expectEnded, expectSet, VARY } from "./cookie-expect.ts";
import { cookieReadingPromises } from "./cookie-reading.ts";
import { expectEmpty, expectJson, expectPageProblem, type Shape } from "./expect.ts";
import type { PagePromises } from "./page.ts";
import { BEARER, concrete } from "./routes.ts";
import { ACCESS, DEVICE, type PageAnswer, REFRESH } from "./set-cookie.ts";
import { EMAIL, limited, PASSWORD, SESSION, TIME, USER, WRONG } from "./shapes.ts";

const PROVEN = { accessTokenExpiresAt: TIME, refreshTokenExpiresAt: TIME };
const GOING: Shape = { status: "signed_in", user: USER, session: SESSION, ...PROVEN };
const RIGHT = { email: EMAIL, password: PASSWORD };
const DAY = 86_400;
const NEXT = "Another2staple";

const kept: PagePromises = {
  "each route sets the cookies of what it issues, and no body has a token": async (page) => {
    const tokens = new Set<string>();
    const check = (answer: PageAnswer, names: readonly string[]): PageAnswer => {
      expectSet(answer, names);
      for (const { value } of answer.cookies) tokens.add(value);
      for (const token of tokens) assert.ok(!answer.body.includes(token));
      return answer;
    };
    const all = [ACCESS, DEVICE, REFRESH];
    const spent = { ...limited({ of: 5, left: 4 }), ...VARY };
    expectJson(check(await page.post("/signup", RIGHT), all), 201, { shape: GOING, headers: spent });
    const known = { ...limited({ of: 500, left: 499 }), ...VARY };
    expectJson(check(await page.post("/login", RIGHT), all), 200, { shape: GOING, headers: known });
    expectJson(check(await page.post("/refresh"), [ACCESS, REFRESH]), 200, { shape: GOING, headers: VARY });
    const proof = await page.post("/reauthenticate", { password: PASSWORD });
    const proven = { ...limited({ of: 60, left: 59 }), ...VARY }; // a right answer gives its point back
    expectJson(check(proof, [ACCESS, REFRESH]), 200, { shape: PROVEN, headers: proven });
    for (const path of ["/me", "/events", "/sessions", "/jwks.json", "/openapi.json"])
      assert.equal(check(await page.send(path), []).status, 200, path);
    const others = await page.send("/sessions", { method: "DELETE" });
    expectJson(check(others, []), 200, { shape: { revoked: 0 }, headers: VARY });
    const change = await page.post("/password", { currentPassword: PASSWORD, newPassword: NEXT });
    expectJson(check(change, all), 200, { shape: GOING, headers: proven });
  },
  "a cookie lasts as long as its token": async (page) => {
    const { cookies } = await page.signUp();
    assert.deepEqual(
      cookies.map(({ seconds }) => seconds),
      [DAY, 180 * DAY, 14 * DAY],
    );
  },
  "a sign-in that is not remembered ends with the browser, and so do its next cookies": async (page) => {
    const all = [ACCESS, DEVICE, REFRESH];
    expectBrief(await page.post("/signup", { ...RIGHT, remember: false }), all);
    for (let times = 0; times < 2; times++) expectBrief(await page.post("/refresh"), [ACCESS, REFRESH]);
    expectBrief(await page.post("/reauthenticate", { password: PASSWORD }), [ACCESS, REFRESH]);
    const wrong = await page.post("/login", { ...RIGHT, remember: "false" });
    expectPageProblem(wrong, "invalid_input", { errors: [["remember", "invalid_type"]], headers: VARY });
    expectSet(await page.post("/login", { ...RIGHT, remember: true }), all);
    expectSet(await page.post("/refresh"), [ACCESS, REFRESH]);
    expectBrief(await page.post("/login", { ...RIGHT, remember: false }), all);
    assert.equal((await page.post("/logout")).status, 204);
  },
  "from sign-up to sign-out, after which the same cookies open nothing": async (page) => {
    await page.signUp();
    const copy = new Map(page.jar);
    const out = await page.post("/logout");
    expectEmpty(out, 204, VARY);
    expectEnded(out);
    assert.deepEqual([...page.jar.keys()], [DEVICE]);
    for (const [name, value] of copy) page.jar.set(name, value);
    expectPageProblem(await page.send("/me"), "session_revoked", { headers: VARY });
  },
  "what any cache may keep depends on no cookie": async (page) => {
    await page.signUp();
    for (const path of ["/jwks.json", "/openapi.json"]) {
      const { headers } = await page.send(path);
      assert.equal(Object.fromEntries(headers)["vary"], undefined);
    }
  },
};

const ending: PagePromises = {
  "an ended session ends its cookies, wherever that shows": async (page) => {
    await page.signUp();
    const copy = new Map(page.jar);
    await page.post("/logout");
    for (const { method, path, body } of [...BEARER, { method: "POST", path: "/refresh", body: undefined }]) {
      for (const [name, value] of copy) page.jar.set(name, value);
      const sent = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      const answer = await page.send(concrete(path), { method, ...sent });
      assert.deepEqual([path, answer.status], [path, 401]);
      expectEnded(answer);
    }
  },
  "the next sign-in of a browser ends the session that its cookies were of": async (page) => {
    await page.signUp();
    const copy = new Map(page.jar);
    assert.equal((await page.signIn()).status, 200);
    assert.equal((await page.send("/me")).status, 200);
    for (const [name, value] of copy) page.jar.set(name, value);
    expectPageProblem(await page.send("/me"), "session_revoked", { headers: VARY });
  },
  "an idle session ends them too": async (page) => {
    await page.signUp();
    await page.subject.advance(14 * DAY * 1000);
    expectEnded(await page.post("/refresh"));
  },
  "a refresh token that was not made here ends nothing, and neither does a missing one": async (page) => {
    await page.signUp();
    page.jar.set(REFRESH, "nonsense");
    expectSet(await page.post("/refresh"), []);
    page.jar.delete(REFRESH);
    const missing = await page.post("/refresh");
    expectPageProblem(missing, "token_missing", { headers: VARY });
    expectSet(missing, []);
    assert.equal((await page.send("/me")).status, 200);
  },
  "one's own session among the sessions ends them, and no other": async (page) => {
    const { session: first } = JSON.parse((await page.signUp()).body);
    page.jar.delete(REFRESH); // as in another browser: the first session goes on
    const { session: second } = JSON.parse((await page.signIn()).body);
    const other = await page.send(`/sessions/${first.id}`, { method: "DELETE" });
    expectEmpty(other, 204, VARY);
    expectSet(other, []);
    expectEnded(await page.send(`/sessions/${second.id}`, { method: "DELETE" }));
  },
  "an access token that has expired ends nothing: a refresh follows": async (page) => {
    await page.signUp();
    await page.subject.advance((DAY + 1) * 1000);
    const late = await page.send("/me");
    expectPageProblem(late, "token_expired", { headers: VARY });
    expectSet(late, []);
    assert.equal((await page.post("/refresh")).status, 200);
    assert.equal((await page.send("/me")).status, 200);
  },
  "nor does a wrong password, a limit, or a request that is wrong": async (page) => {
    await page.signUp();
    for (let times = 0; times < 6; times++)
      expectSet(await page.post("/login", { email: EMAIL, password: WRONG }), []);
    for (const body of ["{", "null", {}, { ...RIGHT, deviceToken: "x" }])
      expectSet(await page.post("/login", body), []);
    expectSet(await page.post("/login", RIGHT, { "content-type": "text/plain" }), []);
    expectSet(await page.post("/nothing", RIGHT), []);
    expectSet(await page.post("/reauthenticate", { password: WRONG }), []);
    assert.equal((await page.send("/me")).status, 200);
  },
};

/** What a browser keeps, and what it is told to forget. */
export const cookiePromises: PagePromises = { ...kept, ...ending, ...cookieReadingPromises };
