// Classes: another user's session revoked by its id (IDOR, SuperTokens CVE-2026-123800), a "sign out the
// others" that forgets some, a success that was none.
import type { Auth, SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import {
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  STORES,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };

async function login(auth: Auth, ip: string | null = null): Promise<SignedIn> {
  const result = await auth.login(right, { ip });
  if (result.status !== "signed_in") throw new TypeError("No session");
  return result;
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("a user ends one of their sessions by its id, with one event, and the others live on", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    const here = await auth.signup(right, CLIENT);
    const phone = await login(auth);
    const laptop = await login(auth);
    await auth.sessions.revoke(here.accessToken, phone.session.id, CLIENT);
    expect(await codeOf(auth.verifyToken(phone.accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.refresh(phone.refreshToken, CLIENT))).toBe("session_revoked");
    for (const { accessToken } of [here, laptop])
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    expect(sink.events.filter(({ type }) => type === "revoke_session")).toMatchObject([
      { outcome: "success", userId: here.user.id, sessionId: phone.session.id, ...CLIENT },
    ]);
  });

  test("ending an ended session is a success without a second event; ending the own one ends it", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    const here = await auth.signup(right, CLIENT);
    const phone = await login(auth);
    const end = (id: string) => auth.sessions.revoke(here.accessToken, id);
    expect(await tally(times(20, () => end(phone.session.id)))).toEqual({ fulfilled: 20 });
    expect(sink.events.filter(({ type }) => type === "revoke_session")).toHaveLength(1);
    await end(here.session.id);
    expect(await codeOf(auth.verifyToken(here.accessToken))).toBe("session_revoked");
    expect(await codeOf(end(phone.session.id))).toBe("session_revoked");
  });

  test("another user's session answers like an unknown session, and stays live", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const ada = await auth.signup(right, CLIENT);
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
    const { id } = bob.session;
    const none = [
      "",
      " ",
      id.toUpperCase(),
      `${id}\n`,
      "*",
      "' or 1=1 --",
      "__proto__",
      undefined,
      null,
      1,
      [id],
      { id },
    ];
    for (const wrong of [id, ada.user.id, bob.user.id, ...none] as never[])
      expect(await codeOf(auth.sessions.revoke(ada.accessToken, wrong))).toBe("not_found");
    expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("fulfilled");
  });

  test("all other sessions end at once, with one event that counts them; without others there is no event", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    const here = await auth.signup(right, CLIENT);
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
    const others = [await login(auth), await login(auth), await login(auth)];
    expect(await auth.sessions.revokeOthers(here.accessToken, CLIENT)).toEqual({ revoked: 3 });
    expect(await auth.sessions.revokeOthers(here.accessToken, CLIENT)).toEqual({ revoked: 0 });
    for (const { accessToken, refreshToken } of others) {
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
      expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("session_revoked");
    }
    for (const { accessToken } of [here, bob])
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    expect(sink.events.filter(({ type }) => type === "revoke_other_sessions")).toMatchObject([
      { outcome: "success", userId: here.user.id, sessionId: here.session.id, data: { endedSessions: 3 } },
    ]);
  });

  test("logout takes the refresh token as well: a used one, and one whose session is over", async () => {
    const { auth, clock, sink } = makeAuth({ store: makeStore() });
    const first = await auth.signup(right, CLIENT);
    const next = await auth.refresh(first.refreshToken, CLIENT);
    await auth.logout(first.refreshToken, CLIENT);
    expect(await codeOf(auth.verifyToken(next.accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.refresh(next.refreshToken, CLIENT))).toBe("session_revoked");
    await auth.logout(next.refreshToken, CLIENT);
    expect(sink.events.filter(({ type }) => type === "logout")).toHaveLength(1);

    const idle = await login(auth);
    clock.advance("15d");
    expect(await codeOf(auth.refresh(idle.refreshToken, CLIENT))).toBe("session_expired");
    await auth.logout(idle.refreshToken, CLIENT);
    await auth.users.delete(first.user.id);
    await auth.logout(idle.refreshToken, CLIENT);
  });

  test("a store that fails is an error, and what was to end lives until a call succeeds", async () => {
    let broken = false;
    const store = interceptStore(makeStore(), (verb) => {
      if (broken && verb !== "sessions.find") throw new TypeError("disk on fire");
    });
    const { auth } = makeAuth({ store });
    const here = await auth.signup(right, CLIENT);
    const phone = await login(auth);
    const calls = [
      () => auth.sessions.revoke(here.accessToken, phone.session.id),
      () => auth.sessions.revokeOthers(here.accessToken),
      () => auth.logout(phone.refreshToken),
    ];
    broken = true;
    for (const call of calls) expect(await codeOf(call())).toBe("unavailable");
    broken = false;
    expect(await codeOf(auth.verifyToken(phone.accessToken))).toBe("fulfilled");
    for (const call of calls) expect(await codeOf(call())).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(phone.accessToken))).toBe("session_revoked");
  });

  test("beyond 50 sessions a login ends the oldest, with all of its tokens", async () => {
    const { auth, clock } = makeAuth({ store: makeStore(), limits: { login: { account: false } } });
    const stranger = strangers();
    const first = await auth.signup(right, CLIENT);
    for (const _ of times(49, (i) => i)) {
      clock.advance(1);
      await auth.login(right, stranger());
    }
    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("fulfilled");
    clock.advance(1);
    await auth.login(right, stranger());
    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.refresh(first.refreshToken, CLIENT))).toBe("session_revoked");
  });
});

test("ending other sessions shows at once where they are cached, also if another process had ended them", async () => {
  for (const [, makeStore] of STORES) {
    const store = makeStore();
    const here = makeAuth({ store, session: { check: { atMostEvery: "1m" } } });
    const elsewhere = makeAuth({ store });
    const { accessToken } = await here.auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    const other = signedIn(await here.auth.login({ email: EMAIL, password: PASSWORD }, CLIENT));
    await here.auth.verifyToken(other.accessToken); // cached
    expect(await elsewhere.auth.sessions.revokeOthers(accessToken)).toEqual({ revoked: 1 });
    expect(await here.auth.sessions.revokeOthers(accessToken)).toEqual({ revoked: 0 });
    expect(await codeOf(here.auth.verifyToken(other.accessToken))).toBe("session_revoked");
  }
});
