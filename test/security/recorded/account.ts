import { AuthError, type SignedIn } from "sallyport";
import { expect } from "vitest";
import { sampleUser } from "../../../src/testing/store/samples.ts";
import { codeOf } from "../../support/harness.ts";
import { userOf } from "../../support/security-change.ts";
import { withMailer } from "./mail.ts";
import {
  adaNamed,
  adaProving,
  breached,
  brokenClaims,
  endedUse,
  FROM,
  HMAC,
  hashing,
  opened,
  overtaken,
  RIGHT,
  type Rows,
  refused,
  type Try,
  withFactor,
} from "./stage.ts";

const BOB = { email: "bob@example.com", password: "Correct1horse" };
/** The harness's `signup` takes no challenge for an answer. */
async function parked(signup: Promise<unknown>): Promise<void> {
  await expect(signup).rejects.toThrow("Stopped by the gate second_factor");
}

const wrongLogin: Pick<Try, "call" | "ends"> = {
  call: ({ auth }) => auth.login({ ...RIGHT, password: "wrong" }, FROM),
  ends: "invalid_credentials",
};

export const accountRows: Rows<"signup" | "login" | "verifyToken" | "requireFresh" | "getUser"> = {
  signup: [
    {
      by: "a new email",
      call: ({ auth }) => auth.signup(BOB, FROM),
      leaves: (_, result) => ({
        type: "signup",
        outcome: "success",
        userId: (result as SignedIn).user.id,
        attemptedEmail: BOB.email,
        ...opened(result),
      }),
    },
    {
      by: "a taken email",
      call: ({ auth }) => auth.signup(RIGHT, FROM),
      ends: "email_taken",
      leaves: (stage) => ({ type: "signup", outcome: "failure", reason: "email_taken", ...adaNamed(stage) }),
    },
    {
      by: "an email whose mailbox must be proven",
      options: withMailer("required"),
      call: ({ rawSignup }) => rawSignup(BOB, FROM),
      leaves: () => ({ type: "signup", outcome: "challenged", reason: "email", attemptedEmail: HMAC }),
    },
    {
      by: "a breached password",
      options: breached,
      call: ({ auth }) => auth.signup(BOB, FROM),
      ends: "weak_password",
      leaves: () => ({ type: "signup", outcome: "failure", reason: "weak_password", attemptedEmail: HMAC }),
    },
    {
      by: "a hook that fails",
      options: () => ({ hooks: { userCreated: () => Promise.reject(new TypeError("full")) } }),
      call: ({ auth }) => auth.signup(BOB, FROM),
      ends: "internal_error",
      leaves: () => ({ type: "signup", outcome: "failure", reason: "internal_error", attemptedEmail: HMAC }),
    },
    {
      by: "a full queue of hashes",
      options: hashing(new AuthError("overloaded")),
      call: ({ auth }) => auth.signup(BOB, FROM),
      ends: "overloaded",
      leaves: () => ({ type: "signup", outcome: "failure", reason: "overloaded", attemptedEmail: HMAC }),
    },
    {
      by: "a store that fails",
      fails: "users.create",
      call: ({ auth }) => auth.signup(BOB, FROM),
      ends: "unavailable",
      leaves: () => ({ type: "signup", outcome: "failure", reason: "unavailable", attemptedEmail: HMAC }),
    },
    {
      by: "an email beyond its limit, though it is taken: the owner's trail gets no entry",
      options: () => ({ limits: { signup: { account: "1/1m" } } }),
      prepare: ({ auth }) => codeOf(auth.signup(RIGHT, FROM)),
      call: ({ auth }) => auth.signup(RIGHT, FROM),
      ends: "rate_limited",
      leaves: () => ({
        type: "signup",
        ...refused,
        attemptedEmail: HMAC,
        data: { limit: "account", count: 2 },
      }),
    },
    {
      by: "an address beyond its limit",
      options: () => ({ limits: { signup: { address: "1/1m" } } }),
      prepare: ({ auth }) => auth.signup(BOB, FROM),
      call: ({ auth }) => auth.signup(BOB, FROM),
      ends: "rate_limited",
      leaves: () => ({
        type: "signup",
        ...refused,
        attemptedEmail: HMAC,
        data: { limit: "address", count: 2 },
      }),
    },
    {
      by: "a second factor",
      options: withFactor,
      call: async ({ auth, store }) => {
        await parked(auth.signup(BOB, FROM));
        return userOf(store, BOB.email);
      },
      leaves: (_, user) => ({
        type: "signup",
        outcome: "challenged",
        reason: "second_factor",
        userId: (user as { id: string }).id,
        attemptedEmail: BOB.email,
      }),
    },
    {
      by: "malformed input: no attempt",
      call: ({ auth }) => auth.signup({ ...BOB, email: "bob" }, FROM),
      ends: "invalid_input",
      leaves: null,
    },
    {
      by: "a weak password: no attempt",
      call: ({ auth }) => auth.signup({ ...BOB, password: "short" }, FROM),
      ends: "weak_password",
      leaves: null,
    },
  ],
  login: [
    {
      by: "an email that was never proven",
      options: withMailer("required"),
      call: ({ auth }) => auth.login(RIGHT, FROM),
      leaves: (stage) => ({ type: "login", outcome: "challenged", reason: "email", ...adaNamed(stage) }),
    },
    {
      by: "the right password",
      call: ({ auth }) => auth.login(RIGHT, FROM),
      leaves: (stage, result) => ({
        type: "login",
        outcome: "success",
        ...adaNamed(stage),
        ...opened(result),
      }),
    },
    {
      by: "the right password, beyond session.max",
      options: () => ({ session: { max: 1 } }),
      call: ({ auth }) => auth.login(RIGHT, FROM),
      leaves: (stage, result) => ({
        type: "login",
        outcome: "success",
        ...adaNamed(stage),
        ...opened(result),
        data: { endedSessions: 1 },
      }),
    },
    {
      by: "the right password, in a browser that was signed in",
      call: ({ auth, ada }) => auth.login({ ...RIGHT, refreshToken: ada.refreshToken }, FROM),
      leaves: (stage, result) => ({
        type: "login",
        outcome: "success",
        ...adaNamed(stage),
        ...opened(result),
      }),
      leavesToo: (stage) => ({ type: "replace_session", outcome: "success", ...adaProving(stage) }),
    },
    {
      by: "a wrong password",
      ...wrongLogin,
      leaves: (stage) => ({
        type: "login",
        outcome: "failure",
        reason: "wrong_password",
        ...adaNamed(stage),
      }),
    },
    {
      by: "an unknown email",
      call: ({ auth }) => auth.login(BOB, FROM),
      ends: "invalid_credentials",
      leaves: () => ({ type: "login", outcome: "failure", reason: "unknown_email", attemptedEmail: HMAC }),
    },
    {
      by: "an account without a password",
      prepare: ({ store }) => store.users.create(sampleUser({ emailCanonical: BOB.email, status: "active" })),
      call: async ({ auth, store }) => {
        expect(await codeOf(auth.login(BOB, FROM))).toBe("invalid_credentials");
        return userOf(store, BOB.email);
      },
      leaves: (_, user) => ({
        type: "login",
        outcome: "failure",
        reason: "no_password",
        userId: (user as { id: string }).id,
        attemptedEmail: BOB.email,
      }),
    },
    {
      by: "a disabled account",
      prepare: ({ other, ada }) => other.users.disable(ada.user.id),
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "invalid_credentials",
      leaves: (stage) => ({ type: "login", outcome: "failure", reason: "disabled", ...adaNamed(stage) }),
    },
    {
      by: "a security change in between",
      options: overtaken,
      besides: 1,
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "invalid_credentials",
      leaves: (stage) => ({ type: "login", outcome: "failure", reason: "superseded", ...adaNamed(stage) }),
    },
    {
      by: "a full queue of hashes",
      options: hashing(new AuthError("overloaded")),
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "overloaded",
      leaves: (stage) => ({ type: "login", outcome: "failure", reason: "overloaded", ...adaNamed(stage) }),
    },
    {
      by: "a store that fails before the account is known",
      fails: "users.findForLogin",
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "unavailable",
      leaves: () => ({ type: "login", outcome: "failure", reason: "unavailable", attemptedEmail: HMAC }),
    },
    {
      by: "a hook that fails",
      options: brokenClaims,
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "internal_error",
      leaves: (stage) => ({
        type: "login",
        outcome: "failure",
        reason: "internal_error",
        ...adaNamed(stage),
      }),
    },
    {
      by: "an address beyond its limit",
      options: () => ({ limits: { login: { address: "1/1m" } } }),
      prepare: ({ auth }) => auth.login(RIGHT, FROM),
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "rate_limited",
      leaves: () => ({
        type: "login",
        ...refused,
        attemptedEmail: HMAC,
        data: { limit: "address", count: 2 },
      }),
    },
    {
      by: "an account beyond its limit",
      options: () => ({ limits: { login: { account: "1/1m" } } }),
      prepare: async ({ auth }) => codeOf(auth.login({ ...RIGHT, password: "wrong" }, FROM)),
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "rate_limited",
      leaves: () => ({
        type: "login",
        ...refused,
        attemptedEmail: HMAC,
        data: { limit: "account", count: 2 },
      }),
    },
    {
      by: "a second factor",
      options: withFactor,
      call: ({ auth }) => auth.login(RIGHT, FROM),
      leaves: (stage) => ({
        type: "login",
        outcome: "challenged",
        reason: "second_factor",
        ...adaNamed(stage),
      }),
    },
    {
      by: "malformed input: no attempt",
      call: ({ auth }) => auth.login({ ...RIGHT, password: "" }, FROM),
      ends: "invalid_input",
      leaves: null,
    },
  ],
  verifyToken: [
    {
      by: "a live token: no attempt",
      call: ({ auth, ada }) => auth.verifyToken(ada.accessToken),
      leaves: null,
    },
    {
      by: "an ended session: the application asks this for each request, and tells no client",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.verifyToken(ada.accessToken),
      ends: "session_revoked",
      leaves: null,
    },
    {
      by: "a forged token: anonymous requests create no rows",
      call: ({ auth }) => auth.verifyToken("forged"),
      ends: "invalid_token",
      leaves: null,
    },
  ],
  requireFresh: [
    {
      by: "a fresh token: no attempt",
      call: ({ auth, ada }) => auth.verifyToken(ada.accessToken).then((who) => auth.requireFresh(who)),
      leaves: null,
    },
  ],
  getUser: [
    {
      by: "a live token: it only reads",
      call: ({ auth, ada }) => auth.getUser(ada.accessToken, FROM),
      leaves: null,
    },
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.getUser(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: endedUse,
    },
    {
      by: "an ended session, for the second time on a day",
      prepare: async ({ auth, other, ada }) => {
        await other.logout(ada.accessToken);
        await codeOf(auth.reauthenticate(ada.accessToken, { password: RIGHT.password }, FROM));
      },
      call: ({ auth, ada }) => auth.getUser(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: (stage, result) => ({ ...endedUse(stage, result), data: { limit: "session", count: 2 } }),
    },
    {
      by: "an ended session, for the third time on a day: no copy can fill the log",
      prepare: async ({ auth, other, ada }) => {
        await other.logout(ada.accessToken);
        for (const _ of [1, 2]) await codeOf(auth.getUser(ada.accessToken, FROM));
      },
      call: ({ auth, ada }) => auth.getUser(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: null,
    },
    {
      by: "an expired session",
      prepare: async ({ store, clock, ada }) => {
        const { ip, userAgent } = ada.session;
        const refreshedAt = clock.now();
        const rotation = { refreshedAt, idleExpiresAt: refreshedAt, ip, userAgent };
        await store.sessions.rotate(ada.session.id, 0, rotation);
      },
      call: ({ auth, ada }) => auth.getUser(ada.accessToken, FROM),
      ends: "session_expired",
      leaves: (stage, result) => ({ ...endedUse(stage, result), reason: "session_expired" }),
    },
    {
      by: "a session that went with its user",
      prepare: ({ other, ada }) => other.users.delete(ada.user.id),
      call: ({ auth, ada }) => auth.getUser(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: (stage, result) => ({ ...endedUse(stage, result), userId: null }),
    },
    {
      by: "a forged token: anonymous requests create no rows",
      call: ({ auth }) => auth.getUser("forged", FROM),
      ends: "invalid_token",
      leaves: null,
    },
  ],
};
