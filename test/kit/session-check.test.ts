// The cached session check under races (class: incomplete revocation, a cache that outlives its truth).
import { memoryStore, type SessionId, type UserId } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import { sessionCheck } from "../../src/kit/session-check.ts";
import { noon, sampleSession, sampleUser } from "../../src/testing/store/samples.ts";
import { codeOf } from "../support/harness.ts";

const EVERY = 5000;
const TIMES = { iat: 0, exp: 0, auth_time: 0 } as const;

/** A cached check over one live session, whose reads can be held back. */
async function checked(change: Partial<Parameters<typeof sampleSession>[0]> = {}) {
  const inner = memoryStore();
  const clock = fakeClock(noon());
  const user = sampleUser();
  const ends = { idleExpiresAt: noon(600_000), expiresAt: noon(600_000) };
  const session = sampleSession({ userId: user.id, ...ends, ...change });
  await inner.users.create(user);
  await inner.sessions.create(session);
  const held: (() => void)[] = [];
  const state = { reads: 0, holds: false };
  const find = async (id: SessionId) => {
    state.reads++;
    const found = await inner.sessions.find(id);
    if (state.holds) await new Promise<void>((answer) => held.push(answer));
    return found;
  };
  const store = { ...inner, sessions: { ...inner.sessions, find } };
  const check = sessionCheck({ atMostEvery: EVERY }, { store, clock });
  const isLive = (sub: UserId = user.id): Promise<string> =>
    codeOf(check.assertLive({ ...TIMES, sub, sid: session.id, jti: session.id, amr: ["pwd"] }));
  return { inner, clock, user, session, held, state, check, isLive };
}

test("parallel calls of a session that is due wait for one read, and a failed one is not kept", async () => {
  const { isLive, state, check, session, inner } = await checked();
  expect(await Promise.all(Array.from({ length: 20 }, () => isLive()))).toEqual(Array(20).fill("fulfilled"));
  expect(state.reads).toBe(1);
  check.forgetSession(session.id);
  await inner.sessions.revoke(session.id, { userId: session.userId, reason: "test", at: noon() });
  expect([await isLive(), await isLive()]).toEqual(["session_revoked", "session_revoked"]);
  expect(state.reads).toBe(3);
});

test.each(["forgetSession", "forgetUser"] as const)(
  "a read that began before the session was ended brings it back neither for later calls nor by %s",
  async (forget) => {
    const { isLive, state, check, session, inner, held } = await checked();
    state.holds = true;
    const before = isLive();
    await expect.poll(() => held.length).toBe(1);
    await inner.sessions.revoke(session.id, { userId: session.userId, reason: "test", at: noon() });
    if (forget === "forgetSession") check.forgetSession(session.id);
    else check.forgetUser(session.userId);
    state.holds = false;
    expect(await isLive()).toBe("session_revoked"); // does not wait for the read that began before

    held[0]?.();
    expect(await before).toBe("fulfilled");
    expect(await isLive()).toBe("session_revoked"); // nor was it kept when it ended
  },
);

test("what was read counts from the start of its read, and at the end of the time it is read again", async () => {
  const { isLive, state, clock, held } = await checked();
  state.holds = true;
  const slow = isLive();
  await expect.poll(() => held.length).toBe(1);
  clock.advance(EVERY - 1);
  state.holds = false;
  held[0]?.();
  expect(await slow).toBe("fulfilled");
  expect([await isLive(), state.reads]).toEqual(["fulfilled", 1]);
  clock.advance(1);
  expect([await isLive(), state.reads]).toEqual(["fulfilled", 2]);
});

test("a read that hangs for longer than the time holds nobody up, and ends without a trace", async () => {
  const { isLive, state, clock, held, inner, session } = await checked();
  state.holds = true;
  const hung = isLive();
  await expect.poll(() => held.length).toBe(1);
  state.holds = false;
  clock.advance(EVERY);
  await inner.sessions.revoke(session.id, { userId: session.userId, reason: "test", at: noon() });
  expect(await isLive()).toBe("session_revoked");
  held[0]?.();
  await hung;
  expect(await isLive()).toBe("session_revoked");
});

test("a clock that was set back makes nothing recent", async () => {
  const { isLive, state, clock } = await checked();
  await isLive();
  clock.set(noon(-1));
  expect([await isLive(), state.reads]).toEqual(["fulfilled", 2]);
});

test("a session that reached its idle end is read again, for a refresh may have moved it", async () => {
  const { isLive, state, clock, inner, session } = await checked({ idleExpiresAt: noon(1000) });
  await isLive();
  const moved = { refreshedAt: noon(500), idleExpiresAt: noon(2000), ip: null, userAgent: null };
  await inner.sessions.rotate(session.id, 0, moved);
  clock.advance(1000);
  expect([await isLive(), state.reads]).toEqual(["fulfilled", 2]);
  clock.advance(1000);
  expect([await isLive(), state.reads]).toEqual(["session_expired", 3]);
});

test("a session is nobody else's: not of one who asks first, meanwhile, or after", async () => {
  const other = sampleUser().id;
  const { isLive, state, held } = await checked();
  expect(await isLive(other)).toBe("session_revoked");
  state.holds = true;
  const both = [isLive(), isLive(other)];
  await expect.poll(() => held.length).toBe(1);
  held[0]?.();
  expect(await Promise.all(both)).toEqual(["fulfilled", "session_revoked"]);
  state.holds = false;
  expect(await isLive(other)).toBe("session_revoked");
});
