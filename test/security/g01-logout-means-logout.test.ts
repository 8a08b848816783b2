// Classes: session survives logout, change, deletion (Payload CVE-2025-4643, Strapi CVE-2026-22706,
// better-auth GHSA-2vg6-77g8-24mp); a failed logout reported as success.

import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { countingHasher } from "../support/counting-hasher.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES, strangers, times } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";
import { changeSecurity, userOf } from "../support/security-change.ts";

const credentials = { email: EMAIL, password: PASSWORD };

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

  test("a security change ends every session, disabling and deletion too", async () => {
    const store = makeStore();
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(credentials, CLIENT);
    const second = await auth.login(credentials, CLIENT);
    const user = await userOf(store, EMAIL);
    await changeSecurity(store, user);
    if (second.status !== "signed_in") throw new TypeError("No session");
    for (const token of [accessToken, second.accessToken]) {
      expect(await codeOf(auth.verifyToken(token))).toBe("session_revoked");
    }

    const third = await auth.login(credentials, CLIENT);
    if (third.status !== "signed_in") throw new TypeError("No session");
    await changeSecurity(store, user, { status: "disabled" });
    expect(await codeOf(auth.verifyToken(third.accessToken))).toBe("session_revoked");
    await store.users.remove(user.id, "hmac:pseudonym");
    expect(await codeOf(auth.verifyToken(third.accessToken))).toBe("session_revoked");
  });

  test("a disabled user's session is refused though nobody revoked it", async () => {
    const store = makeStore();
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(credentials, CLIENT);
    const user = await userOf(store, EMAIL);
    await store.users.change(user.id, user.epoch, { status: "disabled", at: new Date("2026-01-01") });
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test("a login in flight during a password reset never yields a live session: 40 of 40 tries", async () => {
    const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
    const ticks = async (count: number) => {
      for (let done = 0; done < count; done++) await tick();
    };
    const outcomes = { alive: 0, dead: 0, refused: 0 };
    for (const attempt of times(40, (index) => index)) {
      const store = makeStore();
      const { hasher } = countingHasher(() => ticks(20));
      const { auth } = makeAuth({
        store,
        password: { hasher },
        limits: { login: { address: false, account: false } },
      });
      await auth.signup(credentials, CLIENT);
      const user = await userOf(store, EMAIL);

      // The reset falls before, into and after the login's last steps.
      const login = auth.login(credentials, CLIENT).catch(() => null);
      await ticks(attempt);
      await changeSecurity(store, user, { passwordHash: "reset" });
      const result = await login;
      if (result?.status !== "signed_in") outcomes.refused++;
      else
        outcomes[(await codeOf(auth.verifyToken(result.accessToken))) === "fulfilled" ? "alive" : "dead"]++;
      await auth.close();
    }
    expect(outcomes.alive).toBe(0);
    expect(outcomes.refused).toBeGreaterThan(5); // the race was one
    expect(outcomes.dead).toBeGreaterThan(5);
  });

  test("a login that verified the old password before the change and opens after it is refused", async () => {
    const store = makeStore();
    const hasher = insecureTestHasher();
    const held = Promise.withResolvers<void>();
    const verified = Promise.withResolvers<void>();
    const slow = {
      ...hasher,
      async verify(stored: string, password: string): Promise<boolean> {
        const matches = await hasher.verify(stored, password);
        verified.resolve();
        await held.promise;
        return matches;
      },
    };
    const { auth, sink } = makeAuth({ store, password: { hasher: slow } });
    await auth.signup(credentials, CLIENT);
    const login = codeOf(auth.login(credentials, CLIENT));
    await verified.promise;
    await changeSecurity(store, await userOf(store, EMAIL));
    held.resolve();

    expect(await login).toBe("invalid_credentials");
    expect(sink.events.at(-1)).toMatchObject({ type: "login", outcome: "failure", reason: "superseded" });
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
