import assert from "node:assert/strict";
import { expectJson, expectProblem } from "./expect.ts";
import { EMAIL, limited, PASSWORD, SIGNED_IN, USER, WRONG } from "./shapes.ts";
import type { HttpPromises } from "./subject.ts";

/** What an address may try, and how it is told. */
export const limitPromises: HttpPromises = {
  "the sixth sign-in in a minute is refused, and told how long": async ({ post, advance }) => {
    for (const left of [4, 3, 2, 1, 0]) {
      const answer = await post("/login", { email: EMAIL, password: WRONG });
      expectProblem(answer, "invalid_credentials", { headers: limited({ of: 5, left }) });
    }
    await advance(1000);
    const answer = await post("/login", { email: EMAIL, password: PASSWORD });
    const headers = limited({ of: 5, left: 0, reset: 59 });
    expectProblem(answer, "rate_limited", { headers, retryAfterSeconds: 59 });
    await advance(59_000);
    const later = await post("/login", { email: EMAIL, password: WRONG });
    expectProblem(later, "invalid_credentials", { headers: limited({ of: 5, left: 4 }) });
  },
  "sign-ups have a limit of their own": async ({ post }) => {
    for (const left of [4, 3, 2, 1, 0]) {
      const email = `user${left}@example.com`;
      const shape = { ...SIGNED_IN, user: { ...USER, email } };
      const answer = await post("/signup", { email, password: PASSWORD });
      expectJson(answer, 201, { shape, headers: limited({ of: 5, left }) });
    }
    const answer = await post("/signup", { email: EMAIL, password: PASSWORD });
    const headers = limited({ of: 5, left: 0 });
    expectProblem(answer, "rate_limited", { headers, retryAfterSeconds: 60 });
    const login = await post("/login", { email: EMAIL, password: PASSWORD });
    expectProblem(login, "invalid_credentials", { headers: limited({ of: 5, left: 4 }) });
  },
  "proofs and password changes share a limit of the session, which no sign-in takes": async ({
    post,
    signUp,
  }) => {
    const { accessToken: token } = await signUp();
    for (const left of [59, 58, 57, 56, 55]) {
      const answer = await post("/reauthenticate", { password: WRONG }, { token });
      expectProblem(answer, "invalid_credentials", { headers: limited({ of: 60, left }) });
    }
    for (const left of [54, 53, 52, 51, 50]) {
      const body = { currentPassword: WRONG, newPassword: "Another2staple" };
      const answer = await post("/password", body, { token });
      expectProblem(answer, "invalid_credentials", { headers: limited({ of: 60, left }) });
    }
    const eleventh = await post("/reauthenticate", { password: PASSWORD }, { token });
    expectProblem(eleventh, "rate_limited", { retryAfterSeconds: 900 });
    const login = await post("/login", { email: EMAIL, password: PASSWORD });
    expectJson(login, 200, { shape: SIGNED_IN, headers: limited({ of: 5, left: 4 }) });
  },
  "thirty forged refresh tokens in a minute are all that an address has": async ({ post, signUp }) => {
    const { refreshToken } = await signUp();
    for (let left = 29; left >= 0; left--) {
      const answer = await post("/refresh", { refreshToken: "forged" });
      expectProblem(answer, "invalid_token", { headers: limited({ of: 30, left }) });
    }
    const headers = limited({ of: 30, left: 0 });
    const answer = await post("/refresh", { refreshToken: "forged" });
    expectProblem(answer, "rate_limited", { headers, retryAfterSeconds: 60 });
    assert.equal((await post("/refresh", { refreshToken })).status, 200);
  },
  "no header makes a client look like another one": async ({ post, advance }) => {
    for (const index of [1, 2, 3, 4, 5, 6]) {
      const address = `198.51.100.${index}`;
      const headers = { "x-forwarded-for": address, "x-real-ip": address, forwarded: `for=${address}` };
      const answer = await post("/login", { email: `u${index}@example.com`, password: WRONG }, { headers });
      assert.equal(answer.status, index === 6 ? 429 : 401);
    }
    await advance(60_000);
  },
  "reading is not limited": async ({ send, signUp }) => {
    const { accessToken: token } = await signUp();
    for (let times = 0; times < 40; times++) assert.equal((await send("/me", { token })).status, 200);
  },
};
