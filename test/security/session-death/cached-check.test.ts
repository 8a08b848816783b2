// Classes: a cache that outlives what it knows (better-auth GHSA-xg6x-h9c9-2m83, fast-jwt CVE-2026-35039), a store
// that fails and lets everybody in (next-auth GHSA-8fpg-xm3f-6cx3), a cache without bound.
import { memoryStore, type SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { CALLERS, codeOf, EMAIL, makeAuth, PASSWORD, STORES, tally, times } from "../../support/harness.ts";
import { holdReads } from "../../support/hold-reads.ts";
import { countVerbs, interceptStore } from "../../support/intercept-store.ts";
import { ENDINGS, JOB, playScene } from "../../support/session-endings.ts";

const CACHED = { session: { check: { atMostEvery: "5s" } } } as const;
const credentials = { email: EMAIL, password: PASSWORD };
const RACES = ENDINGS.filter(({ access }) => access === "session_revoked").map((ending) => ({
  by: ending.name,
  ending,
}));

/** How many reads of a session a store has seen. */
const countReads = (verbs: readonly string[]) => verbs.filter((verb) => verb === "sessions.find").length;

describe.each(STORES)("on %s a cached check", (_name, makeStore) => {
  test.each(RACES)("is not brought back by a read that began before $by", async ({ ending }) => {
    const { store, hold } = holdReads(makeStore());
    const scene = await playScene(ending, store, { atMostEvery: "5s" });
    const { harness, ada } = scene;
    harness.clock.advance("5s"); // what was seen is due
    const verify = () => codeOf(harness.auth.verifyToken(ada.accessToken));
    const slow = hold();
    const early = verify();
    await slow.answered;
    await ending.end(scene);

    expect(await verify()).toBe("session_revoked"); // it does not wait for the old read
    slow.release();
    expect(await early).toBe("fulfilled"); // it began while the session lived
    expect(await verify()).toBe("session_revoked");
  });

  test("costs one read for 50 parallel verifications of a session that is due", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth, clock } = makeAuth({ store, ...CACHED });
    const { accessToken } = await auth.signup(credentials, JOB);
    const verifyAll = async () => {
      verbs.length = 0;
      expect(await tally(times(CALLERS, () => auth.verifyToken(accessToken)))).toEqual({
        fulfilled: CALLERS,
      });
      return countReads(verbs);
    };
    expect(await verifyAll()).toBe(1);
    clock.advance(4999);
    expect(await verifyAll()).toBe(0);
    clock.advance(1);
    expect(await verifyAll()).toBe(1);
  });

  test("fails closed when the store is down, for all who wait, and remembers no failure", async () => {
    let down = false;
    const store = interceptStore(makeStore(), (verb) => {
      if (down && verb === "sessions.find") throw new TypeError("disk on fire");
    });
    const { auth, clock } = makeAuth({ store, ...CACHED });
    const { accessToken } = await auth.signup(credentials, JOB);
    const verifyAll = () => tally(times(CALLERS, () => auth.verifyToken(accessToken)));
    down = true;
    expect(await verifyAll()).toEqual({ unavailable: CALLERS });
    down = false;
    expect(await verifyAll()).toEqual({ fulfilled: CALLERS });
    down = true;
    clock.advance(5000); // what was seen helps nobody any more
    expect(await verifyAll()).toEqual({ unavailable: CALLERS });
    down = false;
    expect(await verifyAll()).toEqual({ fulfilled: CALLERS });
  });

  test("takes nothing for recent when the clock steps back", async () => {
    const store = makeStore();
    const { auth, clock } = makeAuth({ store, ...CACHED });
    const { accessToken } = await auth.signup(credentials, JOB);
    await auth.verifyToken(accessToken);
    await makeAuth({ store, clock }).auth.logout(accessToken);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled"); // the lag
    clock.set(new Date(clock.now().getTime() - 1));
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test("does not count from when the read came back, but from when it began", async () => {
    const { store, hold } = holdReads(makeStore());
    const { auth, clock } = makeAuth({ store, ...CACHED });
    const { accessToken } = await auth.signup(credentials, JOB);
    const slow = hold();
    const early = codeOf(auth.verifyToken(accessToken));
    await slow.answered;
    await makeAuth({ store, clock }).auth.logout(accessToken);
    clock.advance(5000);
    slow.release();
    expect(await early).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test.each(["always", CACHED.session.check] as const)(
    "with %s: an access token that outlives its session is refused as the session ends",
    async (check) => {
      const { auth, ctx, clock } = makeAuth({ store: makeStore(), session: { check, idleTtl: "10m" } });
      const { user, session, refreshTokenExpiresAt } = await auth.signup(credentials, JOB);
      const now = Math.floor(clock.now().getTime() / 1000);
      const times = { iat: now, exp: now + 3600, auth_time: now };
      const ids = { sub: user.id, sid: session.id, jti: session.id };
      const token = await ctx.signer.sign({ ...ids, ...times, amr: ["pwd"] });
      clock.set(new Date(refreshTokenExpiresAt.getTime() - 1));
      expect(await codeOf(auth.verifyToken(token))).toBe("fulfilled");
      clock.advance(1);
      expect(await codeOf(auth.verifyToken(token))).toBe("session_expired");
      expect(await codeOf(auth.getUser(token))).toBe("session_expired");
    },
  );

  test("asks again at an end that a refresh in another process has moved", async () => {
    const store = makeStore();
    const session = { ...CACHED.session, idleTtl: "10m" } as const;
    const { auth, clock } = makeAuth({ store, session });
    const elsewhere = makeAuth({ store, clock, session });
    const first = await auth.signup(credentials, JOB);
    clock.set(new Date(first.refreshTokenExpiresAt.getTime() - 1));
    const next = await elsewhere.auth.refresh(first.refreshToken, JOB);
    await auth.verifyToken(first.accessToken);
    clock.advance(1);
    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("token_expired");
    expect(await codeOf(auth.verifyToken(next.accessToken))).toBe("fulfilled");
  });

  test("forgets no other session when one ends, and one user's sessions only with that user", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store, ...CACHED });
    const ada = await auth.signup(credentials, JOB);
    const bob = await auth.signup({ ...credentials, email: "bob@example.com" }, JOB);
    const eve = await auth.signup({ ...credentials, email: "eve@example.com" }, JOB);
    for (const { accessToken } of [ada, bob, eve]) await auth.verifyToken(accessToken);
    await auth.logout(ada.accessToken);
    await auth.users.disable(bob.user.id);
    verbs.length = 0;
    await auth.verifyToken(eve.accessToken);
    expect(countReads(verbs)).toBe(0);
    expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.verifyToken(ada.accessToken))).toBe("session_revoked");
    expect(countReads(verbs)).toBe(2);
  });
});

// About this process's memory, not about stores: on one of them.
test("of more than 10,000 sessions the cached check forgets the oldest, and is right of each", async () => {
  const { store, verbs } = countVerbs(memoryStore());
  const { auth, ctx, clock } = makeAuth({ store, ...CACHED });
  const ada = await auth.signup(credentials, JOB);
  const record = await store.sessions.find(ada.session.id);
  if (!record) throw new TypeError("No session");
  const sessions = times(10_001, () => ({
    ...record.session,
    id: ctx.newId<SignedIn["session"]["id"]>(clock.now()),
  }));
  for (const session of sessions) await store.sessions.create(session);
  const claimsOf = (sid: string) => ({
    sub: ada.user.id,
    sid,
    jti: sid,
    iat: 0,
    exp: 0,
    auth_time: 0,
    amr: [],
  });
  const readsOf = async (ids: readonly string[]) => {
    verbs.length = 0;
    for (const id of ids) await ctx.sessionCheck.assertLive(claimsOf(id));
    return countReads(verbs);
  };
  const ids = sessions.map(({ id }) => id);
  const newest = ids.slice(-5000);
  expect(await readsOf(ids)).toBe(10_001);
  expect(await readsOf(newest)).toBe(0);
  expect(await readsOf(ids.slice(0, 1))).toBe(1);

  // Ended by another process: what is remembered lags, what was forgotten does not.
  const { revokeAll } = store.sessions;
  await revokeAll(null, { userId: ada.user.id, reason: "logout", at: clock.now() });
  const codes = ids.slice(1, 1001).map((id) => ctx.sessionCheck.assertLive(claimsOf(id)));
  expect(await tally(codes)).toEqual({ session_revoked: 1000 });
  clock.advance(5000);
  const late = newest.map((id) => ctx.sessionCheck.assertLive(claimsOf(id)));
  expect(await tally(late)).toEqual({ session_revoked: 5000 });
});
