import assert from "node:assert/strict";
import { expectEmpty, expectJson, expectProblem } from "./expect.ts";
import { expectRefused } from "./refused-refresh.ts";
import { EMAIL, limited, PASSWORD, SESSION, SIGNED_IN, type SignedIn, USER, WRONG } from "./shapes.ts";
import type { HttpPromises } from "./subject.ts";

const RIGHT = { email: EMAIL, password: PASSWORD };
const DAY_MS = 86_400_000;
const NO_USER = { user: null, session: null, renewable: false };

/** Making an account, and coming back to it. */
export const accountPromises: HttpPromises = {
  "with `?optional`, no user is an answer, and nothing but the token's failures becomes it": async ({
    send,
    signUp,
    advance,
  }) => {
    const noUser = { shape: NO_USER };
    const { accessToken: token, refreshToken } = await signUp();
    assert.equal((await send("/me?optional", { token })).body, (await send("/me", { token })).body);
    for (const query of ["optional", "optional=", "optional&other=1"])
      expectJson(await send(`/me?${query}`), 200, noUser);
    for (const wrong of ["forged", refreshToken, `${token}=`])
      expectJson(await send("/me?optional", { token: wrong }), 200, noUser);
    for (const query of [
      "optional=1",
      "optional=false",
      "optional&optional",
      "Optional",
      "optiona",
      "=optional",
    ])
      expectProblem(await send(`/me?${query}`), "token_missing");
    expectProblem(await send("/sessions?optional"), "token_missing");
    await advance(DAY_MS);
    expectJson(await send("/me?optional", { token }), 200, noUser);
    expectEmpty(await send("/logout", { method: "POST", token }), 204);
    expectJson(await send("/me?optional", { token }), 200, noUser);
  },
  "a sign-up is 201, and signs in": async ({ post, send }) => {
    const answer = await post("/signup", RIGHT);
    const headers = limited({ of: 5, left: 4 });
    const { user, session, accessToken } = expectJson<SignedIn>(answer, 201, { shape: SIGNED_IN, headers });
    const me = await send("/me", { token: accessToken });
    const shape = { user: { ...USER, id: user.id }, session: { ...SESSION, id: session.id } };
    expectJson(me, 200, { shape });
  },
  "an access token lasts a day, and its session thirty": async ({ post }) => {
    const body = JSON.parse((await post("/signup", RIGHT)).body);
    const began = Date.parse(body.session.createdAt);
    assert.equal(Date.parse(body.accessTokenExpiresAt) - began, DAY_MS);
    assert.equal(Date.parse(body.session.expiresAt) - began, 30 * DAY_MS);
    assert.equal(Date.parse(body.refreshTokenExpiresAt) - began, 14 * DAY_MS);
  },
  "a sign-in is 200, in a session of its own": async ({ post, signUp }) => {
    const first = await signUp();
    const answer = await post("/login", RIGHT);
    const shape = { ...SIGNED_IN, user: { ...USER, id: first.user.id } };
    const second = expectJson<SignedIn>(answer, 200, { shape, headers: limited({ of: 5, left: 4 }) });
    assert.notEqual(second.session.id, first.session.id);
    assert.notEqual(second.accessToken, first.accessToken);
  },
  "an email has one account, in whatever case it is typed": async ({ post, signUp }) => {
    await signUp();
    const again = await post("/signup", { email: "Ada@Example.COM", password: PASSWORD });
    expectProblem(again, "email_taken", { headers: limited({ of: 5, left: 4 }) });
    const typed = await post("/login", { email: "ADA@example.com", password: PASSWORD });
    expectJson(typed, 200, { shape: SIGNED_IN, headers: limited({ of: 5, left: 4 }) });
  },
  "a wrong password and an unknown email are told apart by nothing, and are no bearer failure": async ({
    post,
    signUp,
    advance,
  }) => {
    await signUp();
    const wrong = await post("/login", { email: EMAIL, password: WRONG });
    expectProblem(wrong, "invalid_credentials", { headers: limited({ of: 5, left: 4 }) });
    await advance(60_000);
    const unknown = await post("/login", { email: "eve@example.com", password: WRONG });
    assert.deepEqual(unknown, wrong);
  },
  "a device token is taken back at the next sign-in, and a forged one changes nothing": async ({
    post,
    signUp,
  }) => {
    const { deviceToken } = await signUp();
    for (const [token, of] of [
      [deviceToken, 500],
      ["forged", 5],
    ] as const) {
      const answer = await post("/login", { ...RIGHT, deviceToken: token });
      expectJson(answer, 200, { shape: SIGNED_IN, headers: limited({ of, left: of - 1 }) });
    }
  },
  "a sign-in with the refresh token of an open session ends that session": async ({ post, send, signUp }) => {
    const { accessToken: token, refreshToken } = await signUp();
    expectProblem(await post("/login", { ...RIGHT, refreshToken: 1 }), "invalid_input", {
      errors: [["refreshToken", "invalid_type"]],
    });
    assert.equal((await post("/login", { ...RIGHT, refreshToken: "forged" })).status, 200);
    assert.equal((await send("/me", { token })).status, 200);
    assert.equal((await post("/login", { ...RIGHT, refreshToken })).status, 200);
    expectProblem(await send("/me", { token }), "session_revoked");
  },
  "passwords and emails may hold what people type: accents, emoji, spaces at the ends": async ({
    post,
    advance,
  }) => {
    const typed = { email: "ada@bücher.example", password: "  Grüße 🐎 Jalapeño 1 " };
    const created = await post("/signup", typed);
    const user = { ...USER, email: typed.email };
    expectJson(created, 201, { shape: { ...SIGNED_IN, user }, headers: limited({ of: 5, left: 4 }) });
    await advance(60_000);
    const decomposed = { ...typed, password: typed.password.normalize("NFD") };
    const again = await post("/login", decomposed);
    expectJson(again, 200, { shape: { ...SIGNED_IN, user }, headers: limited({ of: 5, left: 4 }) });
  },
  "from sign-up to sign-out, after which the same tokens open nothing": async ({ post, send, signUp }) => {
    const { accessToken: token, refreshToken } = await signUp();
    expectEmpty(await send("/logout", { method: "POST", token }), 204);
    for (const path of ["/me", "/events", "/sessions"])
      expectProblem(await send(path, { token }), "session_revoked");
    expectRefused(await post("/refresh", { refreshToken }), "session_revoked");
  },
};
