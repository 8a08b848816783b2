import assert from "node:assert/strict";
import { expectJson, expectProblem } from "./expect.ts";
import { expectRefused } from "./refused-refresh.ts";
import { limited, PASSWORD, REAUTHENTICATED, SIGNED_IN, type SignedIn, USER, WRONG } from "./shapes.ts";
import type { HttpPromises } from "./subject.ts";

const NEXT = "Another2staple";

/** Proving the password again, and changing it. */
export const proofPromises: HttpPromises = {
  "the password proven again is the next pair of tokens of the same session": async ({
    post,
    send,
    signUp,
  }) => {
    const { accessToken, refreshToken, session } = await signUp();
    const answer = await post("/reauthenticate", { password: PASSWORD }, { token: accessToken });
    const headers = limited({ of: 60, left: 59 });
    const proven = expectJson<SignedIn>(answer, 200, { shape: REAUTHENTICATED, headers });
    assert.notEqual(proven.accessToken, accessToken);
    assert.notEqual(proven.refreshToken, refreshToken);
    for (const token of [accessToken, proven.accessToken]) {
      const me = JSON.parse((await send("/me", { token })).body);
      assert.equal(me.session?.id, session.id);
    }
  },
  "a wrong proof is refused, and ends nothing": async ({ post, send, signUp }) => {
    const { accessToken: token } = await signUp();
    const answer = await post("/reauthenticate", { password: WRONG }, { token });
    expectProblem(answer, "invalid_credentials", { headers: limited({ of: 60, left: 59 }) });
    assert.equal((await send("/me", { token })).status, 200);
  },
  "a new password ends every session, and begins one": async ({ post, send, signUp, logIn }) => {
    const first = await signUp();
    const other = await logIn();
    const body = { currentPassword: PASSWORD, newPassword: NEXT };
    const answer = await post("/password", body, { token: first.accessToken });
    const shape = { ...SIGNED_IN, user: { ...USER, id: first.user.id } };
    const changed = expectJson<SignedIn>(answer, 200, { shape, headers: limited({ of: 60, left: 59 }) });
    for (const [index, { accessToken, refreshToken }] of [first, other].entries()) {
      expectProblem(await send("/me", { token: accessToken }), "session_revoked");
      expectRefused(await post("/refresh", { refreshToken }), "session_revoked", 29 - index);
    }
    assert.equal((await send("/me", { token: changed.accessToken })).status, 200);
  },
  "afterwards the old password is wrong and the new one right": async ({ post, signUp, advance }) => {
    const { accessToken: token, user } = await signUp();
    await post("/password", { currentPassword: PASSWORD, newPassword: NEXT }, { token });
    await advance(60_000);
    const old = await post("/login", { email: "ada@example.com", password: PASSWORD });
    expectProblem(old, "invalid_credentials", { headers: limited({ of: 5, left: 4 }) });
    const next = await post("/login", { email: "ada@example.com", password: NEXT });
    const shape = { ...SIGNED_IN, user: { ...USER, id: user.id } };
    expectJson(next, 200, { shape, headers: limited({ of: 5, left: 3 }) });
  },
  "a change without the right password changes nothing": async ({ post, send, signUp }) => {
    const { accessToken: token } = await signUp();
    const answer = await post("/password", { currentPassword: WRONG, newPassword: NEXT }, { token });
    expectProblem(answer, "invalid_credentials", { headers: limited({ of: 60, left: 59 }) });
    assert.equal((await send("/me", { token })).status, 200);
  },
};
