// Classes: session survives logout, change, deletion (Payload CVE-2025-4643, Strapi CVE-2026-22706,
// better-auth GHSA-2vg6-77g8-24mp); a failed logout reported as success.

import type { Auth, SignedIn, User } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { hashSecretToken } from "../../src/lib/secrets.ts";
import { committedReads, type Moment } from "../support/committed-reads.ts";
import { closedGate, loginThrough } from "../support/gates.ts";
import {
  CLIENT,
  codeOf,
  EMAIL,
  type Harness,
  makeAuth,
  PASSWORD,
  STORES,
  strangers,
  times,
} from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";
import { changePassword, userOf } from "../support/security-change.ts";
import { ENDINGS, playScene } from "../support/session-endings.ts";

const credentials = { email: EMAIL, password: PASSWORD };

type Change = (harness: Harness, user: User) => Promise<void>;
const CHANGES: readonly (readonly [name: string, change: Change])[] = [
  ["a password reset", ({ store }, user) => changePassword(store, user, "changed")],
  [
    "a password change",
    async ({ auth }) => {
      const { accessToken } = await signIn(auth);
      await auth.password.change(
        accessToken,
        { currentPassword: PASSWORD, newPassword: "Another2staple" },
        { ip: null },
      );
    },
  ],
  ["disabling", ({ auth }, user) => auth.users.disable(user.id)],
  ["deletion", ({ auth }, user) => auth.users.delete(user.id)],
];

const ENDED_AT_ONCE = ENDINGS.filter(({ access }) => access === "session_revoked").map((ending) => ({
  by: ending.name,
  ending,
}));
const CHECKS = [{ check: "always" }, { check: { atMostEvery: "5s" } }] as const;

const BEFORE_THE_LOCK: readonly string[] = ["users.findForLogin", "begin"];
const LOGIN_STEPS: readonly string[] = [
  ...BEFORE_THE_LOCK,
  "users.admit",
  "sessions.revokeOldest",
  "sessions.create",
  "events.append",
  "commit",
];

async function signIn(auth: Auth): Promise<SignedIn> {
  const result = await auth.login(credentials, CLIENT);
  if (result.status !== "signed_in") throw new TypeError("No session");
  return result;
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("after logout every use of the token is refused, and of every copy", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(credentials, CLIENT);
    await auth.logout(accessToken, CLIENT);

    const copy = `${accessToken}`;
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.getUser(copy))).toBe("session_revoked");
    expect(await codeOf(auth.sessions.list(copy))).toBe("session_revoked");
    expect(await codeOf(auth.events.list(copy))).toBe("session_revoked");
  });

  test("logout ends one session: the user's others and other users' live on", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const first = await auth.signup(credentials, CLIENT);
    const other = await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
    const second = await auth.login(credentials, CLIENT);
    await auth.logout(first.accessToken);

    if (second.status !== "signed_in") throw new TypeError("No session");
    expect(await codeOf(auth.verifyToken(second.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(other.accessToken))).toBe("fulfilled");
  });

  test("logging out again, or with an expired token, is a success", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(credentials, CLIENT);
    clock.advance("25h");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("token_expired");
    await auth.logout(accessToken);
    await auth.logout(accessToken);
  });

  test("a store that fails during logout is an error, and the session lives until a logout succeeds", async () => {
    let broken = false;
    const store = interceptStore(makeStore(), (verb) => {
      if (broken && verb !== "sessions.find") throw new TypeError("disk on fire");
    });
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(credentials, CLIENT);
    broken = true;
    expect(await codeOf(auth.logout(accessToken))).toBe("unavailable");
    broken = false;
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    await auth.logout(accessToken);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test.each(CHANGES)(
    "%s ends every session of the user at once, and nobody else's",
    async (_change, change) => {
      const harness = makeAuth({ store: makeStore() });
      const { auth, store } = harness;
      const first = await auth.signup(credentials, CLIENT);
      const second = await signIn(auth);
      const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
      const user = await userOf(store, EMAIL);
      const before = await store.sessions.listLive(user.id, user.createdAt, 10);
      expect(before).toHaveLength(2);
      await change(harness, user);

      for (const { accessToken } of [first, second]) {
        expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
        expect(await codeOf(auth.getUser(accessToken))).toBe("session_revoked");
        expect(await codeOf(auth.events.list(accessToken))).toBe("session_revoked");
      }
      const after = await store.sessions.listLive(user.id, user.createdAt, 10);
      expect(after.filter(({ id }) => before.some((session) => session.id === id))).toEqual([]);
      expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("fulfilled");
    },
  );

  test("a disabled user cannot sign in; enabled again they can, and what was open before stays ended", async () => {
    const { auth, store } = makeAuth({ store: makeStore() });
    const { accessToken, user } = await auth.signup(credentials, CLIENT);
    await auth.users.disable(user.id);
    expect(await codeOf(auth.login(credentials, CLIENT))).toBe("invalid_credentials");
    await auth.users.enable(user.id);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
    const again = await signIn(auth);
    expect(await codeOf(auth.verifyToken(again.accessToken))).toBe("fulfilled");
    expect((await userOf(store, EMAIL)).status).toBe("active");
  });

  test("a disabled user's session is refused though nobody revoked it", async () => {
    const store = makeStore();
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(credentials, CLIENT);
    const user = await userOf(store, EMAIL);
    await store.users.change(user.id, user.epoch, { status: "disabled", at: new Date("2026-01-01") });
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test.each(CHANGES)("%s leaves nothing of what was one-time", async (_change, change) => {
    const harness = makeAuth({ store: makeStore() });
    const { ctx, store } = harness;
    await harness.auth.signup(credentials, CLIENT);
    const user = await userOf(store, EMAIL);
    const parked = await loginThrough(ctx, [closedGate], credentials, CLIENT);
    if (parked.status !== "challenge") throw new TypeError("The gate was not asked");
    const hash = hashSecretToken(parked.challengeToken);
    expect(await store.tokens.find("challenge", hash, user.createdAt)).not.toBeNull();
    await change(harness, user);
    expect(await store.tokens.find("challenge", hash, user.createdAt)).toBeNull();
  });

  test.each(CHANGES)(
    "a login in flight during %s never yields a live session: 40 of 40 tries",
    async (_change, change) => {
      const outcomes = { alive: 0, dead: 0, refused: 0 };
      for (const attempt of times(40, (index) => index)) {
        const inner = makeStore();
        const harness = makeAuth({ store: inner });
        const { user } = await harness.auth.signup(credentials, CLIENT);
        const record = await userOf(inner, EMAIL);

        // The change starts at each of the login's steps in turn. Those before its transaction wait for
        // it; from then on the two race.
        const step = LOGIN_STEPS[attempt % LOGIN_STEPS.length] as string;
        const reached = Promise.withResolvers<void>();
        const changed = Promise.withResolvers<void>();
        const store = interceptStore(inner, async (verb) => {
          if (verb !== step) return;
          reached.resolve();
          if (BEFORE_THE_LOCK.includes(step)) await changed.promise;
        });
        const login = makeAuth({ store })
          .auth.login(credentials, CLIENT)
          .catch(() => null);
        await reached.promise;
        await change(harness, record);
        changed.resolve();
        const result = await login;
        if (result?.status !== "signed_in") outcomes.refused++;
        else {
          expect(result.user.id).toBe(user.id);
          const verdict = await codeOf(harness.auth.verifyToken(result.accessToken));
          outcomes[verdict === "fulfilled" ? "alive" : "dead"]++;
        }
        await harness.auth.close();
      }
      expect(outcomes.alive).toBe(0);
      expect(outcomes.refused).toBeGreaterThan(5); // the race was one
      expect(outcomes.dead).toBeGreaterThan(5);
    },
  );

  test.each(CHANGES)(
    "a login that verified the password before %s and opens after it is refused",
    async (_change, change) => {
      const hasher = insecureTestHasher();
      const held = Promise.withResolvers<void>();
      let isFirst = true;
      const verified = Promise.withResolvers<void>();
      const slow = {
        ...hasher,
        async verify(stored: string, password: string): Promise<boolean> {
          const matches = await hasher.verify(stored, password);
          verified.resolve();
          if (isFirst) {
            isFirst = false;
            await held.promise;
          }
          return matches;
        },
      };
      const harness = makeAuth({ store: makeStore(), password: { hasher: slow } });
      const { auth, store, sink } = harness;
      await auth.signup(credentials, CLIENT);
      const login = codeOf(auth.login(credentials, CLIENT));
      await verified.promise;
      await change(harness, await userOf(store, EMAIL));
      held.resolve();

      expect(await login).toBe("invalid_credentials");
      expect(sink.events.at(-1)).toMatchObject({ type: "login", outcome: "failure", reason: "superseded" });
    },
  );
});

describe.each(STORES)("on %s", (_name, makeStore) => {
  describe.each(CHECKS)("with session.check $check", ({ check }) => {
    test.each(ENDED_AT_ONCE)(
      "a token that is verified while $by begins and commits is refused once it is done",
      async ({ ending }) => {
        const seen: Partial<Record<Moment, string>> = {};
        let verify = async (): Promise<string> => "not yet";
        const store = committedReads(makeStore(), async (moment) => {
          seen[moment] ??= await verify();
        });
        const scene = await playScene(ending, store, check);
        const { auth } = scene.harness;
        for (const moment of ["begin", "commit"] as const) delete seen[moment];
        verify = () => codeOf(auth.verifyToken(scene.ada.accessToken));

        await ending.end(scene);
        // Until the commit the session lives. What these reads brought must not outlive it.
        expect(seen).toEqual({ begin: "fulfilled", commit: "fulfilled" });
        expect(await verify()).toBe("session_revoked");
      },
    );
  });
});

test("the oldest session ends when a login exceeds session.max, and the event says so", async () => {
  for (const [, makeStore] of STORES) {
    const { auth, clock, sink } = makeAuth({ store: makeStore(), session: { max: 2 } });
    const stranger = strangers();
    const first = await auth.signup(credentials, stranger());
    clock.advance("1s");
    const second = await auth.login(credentials, stranger());
    clock.advance("1s");
    const third = await auth.login(credentials, stranger());
    if (second.status !== "signed_in" || third.status !== "signed_in") throw new TypeError("No session");

    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.verifyToken(second.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(third.accessToken))).toBe("fulfilled");
    expect(sink.events.at(-1)).toMatchObject({ data: { endedSessions: 1 } });
  }
});
