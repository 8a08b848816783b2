// What the cached session check does with reads that hang or that somebody else began (class: a cache that
// gives one token another's answer, fast-jwt CVE-2026-35039). Its other races: test/security/session-death.
import { memoryStore, type SessionId, type UserId } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import { sessionCheck } from "../../src/kit/session-check.ts";
import { noon, sampleSession, sampleUser } from "../../src/testing/store/samples.ts";
import { codeOf } from "../support/harness.ts";

const EVERY = 5000;
const TIMES = { iat: 0, exp: 0, auth_time: 0 } as const;

/** A cached check over one live session, whose reads can be held back. */
async function checked() {
  const inner = memoryStore();
  const clock = fakeClock(noon());
  const user = sampleUser();
  const ends = { idleExpiresAt: noon(600_000), expiresAt: noon(600_000) };
  const session = sampleSession({ userId: user.id, ...ends });
  await inner.users.create(user);
  await inner.sessions.create(session);
  const held: (() => void)[] = [];
  const state = { holds: false };
  const find = async (id: SessionId) => {
    const found = await inner.sessions.find(id);
    if (state.holds) await new Promise<void>((answer) => held.push(answer));
    return found;
  };
  const store = { ...inner, sessions: { ...inner.sessions, find } };
  const check = sessionCheck({ atMostEvery: EVERY }, { store, clock, audience: "sallyport" });
  const isLive = (sub: UserId = user.id): Promise<string> =>
    codeOf(check.assertLive({ ...TIMES, sub, sid: session.id, jti: session.id, amr: ["pwd"] }));
  return { inner, clock, session, held, state, isLive };
}

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
