import type { SignedIn } from "sallyport";
import { expect } from "vitest";
import { sampleUser } from "../../../src/testing/store/samples.ts";
import { codeOf } from "../../support/harness.ts";
import { userOf } from "../../support/security-change.ts";
import {
  adaNamed,
  breached,
  FROM,
  HMAC,
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
      call: ({ auth }) => auth.login(RIGHT, FROM),
      ends: "invalid_credentials",
      leaves: (stage) => ({ type: "login", outcome: "failure", reason: "superseded", ...adaNamed(stage) }),
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
      call: ({ auth, ada }) => auth.getUser(ada.accessToken),
      leaves: null,
    },
  ],
};
