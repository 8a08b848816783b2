// Classes: a refresh token used twice with two successors (better-auth GHSA-392p-2q2v-4372, NocoDB
// CVE-2026-126280), the loser of a race left out of the family's revocation (Rodauth 2.47), a parent token
// that stays good for ever. The table of docs/sessions.md, row by row.
import type { AuthEvent, ClaimsHolder, Refreshed, SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { MAX_REFRESH_COUNTER } from "../../src/domain/refresh-verdict.ts";
import {
  CLIENT,
  codeOf,
  EMAIL,
  type Harness,
  makeAuth,
  PASSWORD,
  STORES,
  times,
} from "../support/harness.ts";
import { countVerbs, interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const ELSEWHERE = { ip: "198.51.100.9", userAgent: "Thief/1.0" } as const;
const GRACE = 10_000;
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The same bytes, with loose bits behind them. */
function respelt(token: string): string {
  const last = BASE64URL[BASE64URL.indexOf(token.at(-1) as string) + 1];
  return `${token.slice(0, -1)}${last}`;
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  async function signedUp(options: Parameters<typeof makeAuth>[0] = {}): Promise<Harness & SignedIn> {
    const harness = makeAuth({ store: makeStore(), ...options });
    return { ...harness, ...(await harness.auth.signup(right, CLIENT)) };
  }
  const rowOf = async ({ store, session }: Harness & SignedIn) =>
    (await store.sessions.find(session.id))?.session;
  const refreshEvents = ({ sink }: Harness): readonly AuthEvent[] =>
    sink.events.filter((event) => event.type === "refresh");

  test("row 1: a forged token is invalid_token, and ends no session", async () => {
    const all = await signedUp();
    const { auth, refreshToken, accessToken } = all;
    const { refreshToken: foreign } = await makeAuth({
      secret: "aN0t7er-tH1rTytWo-qX9vK2mZ8wL4bY6cJ3fD5g",
    }).auth.signup(right, CLIENT);
    const wrong = [
      "",
      "x",
      foreign,
      refreshToken.slice(0, -1),
      `${refreshToken}A`,
      respelt(refreshToken),
      ` ${refreshToken}`,
      accessToken,
    ];
    for (const token of wrong) expect(await codeOf(auth.refresh(token, CLIENT))).toBe("invalid_token");
    expect((await rowOf(all))?.revokedAt).toBeNull();
    expect(refreshEvents(all)).toEqual([]);
  });

  test("row 1: a counter that never was, as after a restored backup, is invalid_token, and ends nothing", async () => {
    const all = await signedUp();
    const { auth, ctx, session } = all;
    const ahead = ctx.refreshTokens.issue({ sessionId: session.id, counter: 1 });
    expect(await codeOf(auth.refresh(ahead, CLIENT))).toBe("invalid_token");
    expect((await rowOf(all))?.revokedAt).toBeNull();
    expect(refreshEvents(all)).toMatchObject([
      { outcome: "failure", reason: "invalid_token", sessionId: session.id },
    ]);
  });

  test("row 1: a token of a deleted user is invalid_token", async () => {
    const { auth, user, refreshToken } = await signedUp();
    await auth.users.delete(user.id);
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("invalid_token");
  });

  test("row 2: of an ended session, or a disabled user's, session_revoked; past either end, session_expired", async () => {
    const loggedOut = await signedUp();
    await loggedOut.auth.logout(loggedOut.accessToken);
    expect(await codeOf(loggedOut.auth.refresh(loggedOut.refreshToken, CLIENT))).toBe("session_revoked");

    const disabled = await signedUp();
    await disabled.store.users.change(disabled.user.id, 0, { status: "disabled", at: disabled.clock.now() });
    expect(await codeOf(disabled.auth.refresh(disabled.refreshToken, CLIENT))).toBe("session_revoked");

    const idle = await signedUp();
    idle.clock.set(idle.refreshTokenExpiresAt);
    expect(await codeOf(idle.auth.refresh(idle.refreshToken, CLIENT))).toBe("session_expired");

    const old = await signedUp({ session: { refreshTtl: "20d" } });
    old.clock.advance("13d");
    const { refreshToken, refreshTokenExpiresAt } = await old.auth.refresh(old.refreshToken, CLIENT);
    expect(refreshTokenExpiresAt).toEqual(old.session.expiresAt); // never beyond the absolute end
    old.clock.set(old.session.expiresAt);
    expect(await codeOf(old.auth.refresh(refreshToken, CLIENT))).toBe("session_expired");
  });

  test("row 3: the current token gives the next pair, moves the idle end, and takes address and agent", async () => {
    const all = await signedUp();
    const { auth, clock, ctx } = all;
    clock.advance("1d");
    const next = await auth.refresh(all.refreshToken, ELSEWHERE);
    expect(next).toEqual({
      status: "signed_in",
      user: all.user,
      session: { ...all.session, ...ELSEWHERE },
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      accessTokenExpiresAt: expect.any(Date),
      refreshToken: ctx.refreshTokens.issue({ sessionId: all.session.id, counter: 1 }),
      refreshTokenExpiresAt: new Date(clock.now().getTime() + 14 * 86_400_000),
    });
    expect(await rowOf(all)).toMatchObject({ refreshCounter: 1, refreshedAt: clock.now(), ...ELSEWHERE });
    expect((await auth.verifyToken(next.accessToken)).sessionId).toBe(all.session.id);
    expect(await codeOf(auth.verifyToken(all.accessToken))).toBe("token_expired");
    expect(refreshEvents(all)).toEqual([]);
  });

  test("row 3: each rotation counts anew: the idle end moves, and the grace begins", async () => {
    const all = await signedUp();
    const { auth, clock } = all;
    const next = await auth.refresh(all.refreshToken, CLIENT);
    clock.advance("1d");
    const last = await auth.refresh(next.refreshToken, CLIENT);
    expect(last.refreshTokenExpiresAt).toEqual(new Date(clock.now().getTime() + 14 * 86_400_000));
    expect(await codeOf(auth.refresh(next.refreshToken, CLIENT))).toBe("fulfilled");
  });

  test("row 4: who loses the swap reads again, and within the grace gets the same successor", async () => {
    const inner = makeStore();
    let inBetween: (() => Promise<unknown>) | undefined;
    const store = interceptStore(inner, async (verb) => {
      if (verb !== "sessions.rotate") return;
      const act = inBetween;
      inBetween = undefined;
      await act?.();
    });
    const { auth, refreshToken } = await signedUp({ store });
    const winner = makeAuth({ store: inner }).auth;
    let won: Refreshed | undefined;
    inBetween = async () => {
      won = await winner.refresh(refreshToken, CLIENT);
    };
    const lost = await auth.refresh(refreshToken, CLIENT);
    expect(lost.refreshToken).toBe(won?.refreshToken);

    inBetween = () => winner.logout(lost.refreshToken);
    expect(await codeOf(auth.refresh(lost.refreshToken, CLIENT))).toBe("session_revoked");
  });

  test("row 4: a hook that takes longer than the grace signs out neither of two tabs that came at once", async () => {
    const waiting: (() => void)[] = [];
    let isSlow = false;
    const claims = () => (isSlow ? new Promise<object>((answer) => waiting.push(() => answer({}))) : {});
    const all = await signedUp({ hooks: { claims } });
    const { auth, clock, refreshToken } = all;
    isSlow = true;
    const tabs = [auth.refresh(refreshToken, CLIENT), auth.refresh(refreshToken, CLIENT)];
    const tokens = Promise.all(tabs.map(async (tab) => (await tab).refreshToken));
    await expect.poll(() => waiting.length).toBe(2);
    isSlow = false;
    waiting[0]?.();
    await expect.poll(async () => (await rowOf(all))?.refreshCounter).toBe(1);
    clock.advance(GRACE + 1);
    waiting[1]?.();

    expect(new Set(await tokens).size).toBe(1);
    expect((await rowOf(all))?.revokedAt).toBeNull();
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("session_revoked");
  });

  test("row 4: who loses three times is unavailable, keeps the session, and the log says so", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const never = { ...store, sessions: { ...store.sessions, rotate: async () => false } };
    const all = await signedUp({ store: never });
    verbs.length = 0;
    expect(await codeOf(all.auth.refresh(all.refreshToken, CLIENT))).toBe("unavailable");
    expect(verbs.filter((verb) => verb === "sessions.find")).toHaveLength(3);
    expect(refreshEvents(all)).toMatchObject([
      { outcome: "failure", reason: "unavailable", userId: all.user.id, sessionId: all.session.id },
    ]);
    expect((await rowOf(all))?.revokedAt).toBeNull();
  });

  test("row 5: to the end of the grace the token before gives the same successor, without a write", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const all = await signedUp({ store });
    const { auth, clock, refreshToken } = all;
    const first = await auth.refresh(refreshToken, CLIENT);
    const before = await rowOf(all);
    clock.advance(GRACE);
    verbs.length = 0;
    const again = await auth.refresh(refreshToken, CLIENT);
    expect(verbs).toEqual(["sessions.find"]);
    expect(again.refreshToken).toBe(first.refreshToken);
    expect(again.refreshTokenExpiresAt).toEqual(first.refreshTokenExpiresAt);
    // From another place it leaves an event, and nothing else changes.
    expect((await auth.refresh(refreshToken, ELSEWHERE)).refreshToken).toBe(first.refreshToken);
    expect(verbs).toEqual(["sessions.find", "sessions.find", "events.append"]);
    expect(await rowOf(all)).toEqual(before);
    expect(await codeOf(auth.verifyToken(again.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.refresh(again.refreshToken, CLIENT))).toBe("fulfilled");
  });

  test("row 6: overtaken by two rotations within the grace, a slow tab is refused, and nobody is signed out", async () => {
    const all = await signedUp();
    const { auth, refreshToken } = all;
    const second = await auth.refresh(refreshToken, CLIENT);
    const third = await auth.refresh(second.refreshToken, CLIENT);
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("invalid_token");
    expect(refreshEvents(all)).toMatchObject([
      { outcome: "failure", reason: "refresh_stale", userId: all.user.id },
    ]);
    expect(await codeOf(auth.refresh(third.refreshToken, CLIENT))).toBe("fulfilled");
  });

  test("row 7: after the grace a copy ends the session for both, and one event has both addresses", async () => {
    for (const rotations of [1, 2]) {
      const all = await signedUp();
      const { auth, clock, refreshToken, session, user } = all;
      let latest: Refreshed = all;
      for (const _ of times(rotations, (i) => i)) latest = await auth.refresh(latest.refreshToken, CLIENT);
      clock.advance(GRACE + 1);
      expect(await codeOf(auth.refresh(refreshToken, ELSEWHERE))).toBe("session_revoked");

      expect(await rowOf(all)).toMatchObject({ revokedAt: clock.now(), revokeReason: "refresh_reuse" });
      expect(refreshEvents(all)).toMatchObject([
        {
          outcome: "failure",
          reason: "refresh_reuse",
          userId: user.id,
          sessionId: session.id,
          ip: ELSEWHERE.ip,
          userAgent: ELSEWHERE.userAgent,
          data: { lastIp: CLIENT.ip },
        },
      ]);
      for (const token of [refreshToken, latest.refreshToken])
        expect(await codeOf(auth.refresh(token, CLIENT))).toBe("session_revoked");
      for (const token of [all.accessToken, latest.accessToken])
        expect(await codeOf(auth.verifyToken(token))).toBe("session_revoked");
    }
  });

  test("row 7: of 20 who bring one copy at once, one ends the session, and each leaves one event", async () => {
    const all = await signedUp();
    const { auth, clock, refreshToken } = all;
    await auth.refresh(refreshToken, CLIENT);
    clock.advance(GRACE + 1);
    const codes = await Promise.all(times(20, () => codeOf(auth.refresh(refreshToken, ELSEWHERE))));
    expect(new Set(codes)).toEqual(new Set(["session_revoked"]));
    const reasons = refreshEvents(all).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "refresh_reuse")).toHaveLength(1);
    expect(reasons.filter((reason) => reason === "session_revoked")).toHaveLength(19);
  });

  test("tokens of ended sessions, and overtaken ones, fill no log, and still hear the truth", async () => {
    const all = await signedUp({ limits: { login: { address: false, account: false } } });
    const { auth } = all;
    const dead: string[] = [];
    for (const _ of times(40, (i) => i)) {
      const other = await auth.login(right, CLIENT);
      if (other.status !== "signed_in") throw new TypeError("No session");
      await auth.logout(other.accessToken);
      dead.push(other.refreshToken);
    }
    const codes: string[] = [];
    for (const token of dead) codes.push(await codeOf(auth.refresh(token, CLIENT)));
    expect(new Set(codes)).toEqual(new Set(["session_revoked"]));
    const outcomes = refreshEvents(all).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "failure")).toHaveLength(30);
    expect(outcomes.filter((outcome) => outcome === "refused")).toHaveLength(1);
    const { refreshToken } = await auth.refresh(all.refreshToken, CLIENT); // who lives there lives on
    await auth.refresh(refreshToken, CLIENT);
    expect(await codeOf(auth.refresh(all.refreshToken, CLIENT))).toBe("invalid_token");
    expect(refreshEvents(all).filter(({ reason }) => reason === "refresh_stale")).toEqual([]);
    expect(await codeOf(auth.refresh("forged", CLIENT))).toBe("invalid_token"); // counts apart
  });

  test("a rotation stamped by a clock that runs ahead is young: the grace begins", async () => {
    const { auth, clock, refreshToken } = await signedUp();
    const { refreshToken: next } = await auth.refresh(refreshToken, CLIENT);
    clock.set(new Date(clock.now().getTime() - 3_600_000));
    expect((await auth.refresh(refreshToken, CLIENT)).refreshToken).toBe(next);
  });

  test("without a grace a token is good for once", async () => {
    const { auth, refreshToken } = await signedUp({ session: { grace: 0 } });
    await auth.refresh(refreshToken, CLIENT);
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("session_revoked");
  });

  test("at the last counter the session ends instead of counting from the start", async () => {
    const all = await signedUp();
    const { auth, ctx, store, clock, user } = all;
    const { sessions } = store;
    const [row] = await sessions.listLive(user.id, clock.now(), 1);
    const last = { ...row, id: ctx.newId(clock.now()), refreshCounter: MAX_REFRESH_COUNTER - 1 } as never;
    await sessions.create(last);
    const { id: sessionId } = last as SignedIn["session"];
    const token = ctx.refreshTokens.issue({ sessionId, counter: MAX_REFRESH_COUNTER - 1 });
    const { refreshToken } = await auth.refresh(token, CLIENT);
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("session_revoked");
    expect((await sessions.find(sessionId))?.session.revokeReason).toBe("refresh_exhausted");
  });

  test("of 20 parallel refreshes with one token the counter moves once, and all get the same successor", async () => {
    const all = await signedUp();
    const results = await Promise.all(times(20, () => all.auth.refresh(all.refreshToken, CLIENT)));
    expect((await rowOf(all))?.refreshCounter).toBe(1);
    expect(new Set(results.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    for (const { accessToken } of results)
      expect(await codeOf(all.auth.verifyToken(accessToken))).toBe("fulfilled");
    const [{ refreshToken }] = results as [SignedIn];
    expect(await codeOf(all.auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
  });

  test("a refresh takes two steps of the store", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth, refreshToken } = await signedUp({ store });
    verbs.length = 0;
    await auth.refresh(refreshToken, CLIENT);
    expect(verbs).toEqual(["sessions.find", "sessions.rotate"]);
  });

  test("a refresh proves nothing anew: the new token says when and how the user did", async () => {
    const { auth, clock, refreshToken } = await signedUp();
    const signedUpAt = clock.now();
    clock.advance("1h");
    const { accessToken } = await auth.refresh(refreshToken, CLIENT);
    const principal = await auth.verifyToken(accessToken);
    expect([principal.authenticatedAt, principal.amr]).toEqual([signedUpAt, ["pwd"]]);
  });

  test("a store that fails is unavailable; the token is not used up", async () => {
    let broken: string | undefined;
    const store = interceptStore(makeStore(), (verb) => {
      if (verb === broken) throw new TypeError("disk on fire");
    });
    const { auth, refreshToken } = await signedUp({ store });
    for (broken of ["sessions.find", "sessions.rotate"])
      expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("unavailable");
    broken = undefined;
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
  });
});

test("refreshed access tokens end early by up to the jitter, and the first one does not", async () => {
  const { auth, clock } = makeAuth({
    session: { accessTtl: "10m" },
    limits: { refresh: { session: false } },
  });
  let { refreshToken, accessTokenExpiresAt } = await auth.signup(right, CLIENT);
  const lifetime = () => accessTokenExpiresAt.getTime() - clock.now().getTime();
  expect(lifetime()).toBe(600_000);
  const lifetimes = new Set<number>();
  for (const _ of times(60, (i) => i)) {
    clock.advance("1m");
    ({ refreshToken, accessTokenExpiresAt } = await auth.refresh(refreshToken, CLIENT));
    lifetimes.add(lifetime());
  }
  expect(Math.max(...lifetimes)).toBeLessThanOrEqual(600_000);
  expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(539_000);
  expect(lifetimes.size).toBeGreaterThan(10);

  const exact = makeAuth({ session: { jitter: 0 } });
  const first = await exact.auth.signup(right, CLIENT);
  const next = await exact.auth.refresh(first.refreshToken, CLIENT);
  expect(next.accessTokenExpiresAt).toEqual(first.accessTokenExpiresAt);
});

test("no access token outlives its session", async () => {
  const { auth, clock } = makeAuth({ session: { refreshTtl: "20d", idleTtl: "20d", jitter: 0 } });
  const { refreshToken, session } = await auth.signup(right, CLIENT);
  clock.set(new Date(session.expiresAt.getTime() - 60_000));
  const { accessTokenExpiresAt, refreshTokenExpiresAt } = await auth.refresh(refreshToken, CLIENT);
  expect([accessTokenExpiresAt, refreshTokenExpiresAt]).toEqual([session.expiresAt, session.expiresAt]);
});

test.each(["sessions.find", "sessions.rotate", "begin"])(
  "a refresh or a reuse that fails at %s leaves one event",
  async (failing) => {
    let armed = false;
    const store = interceptStore(makeAuth().store, (verb) => {
      if (armed && verb === failing) throw new TypeError("the store is away");
    });
    const { auth, clock, sink } = makeAuth({ store });
    const { refreshToken } = await auth.signup(right, CLIENT);
    if (failing === "begin") await auth.refresh(refreshToken, CLIENT);
    clock.advance(GRACE + 1);
    armed = true;
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("unavailable");
    const events = sink.events.filter(({ type }) => type === "refresh");
    expect(events).toMatchObject([{ outcome: "failure", reason: "unavailable" }]);
  },
);

test("a claims hook hears where the refresh comes from, and when it fails a repeat leaves one event", async () => {
  let isDown = false;
  const from: unknown[] = [];
  const claims = ({ session }: ClaimsHolder): object => {
    if (isDown) throw new TypeError("the hook is down");
    from.push(session.ip);
    return {};
  };
  const { auth, sink } = makeAuth({ hooks: { claims } });
  const { refreshToken } = await auth.signup(right, CLIENT);
  await auth.refresh(refreshToken, ELSEWHERE);
  expect(from).toEqual([CLIENT.ip, ELSEWHERE.ip]);
  isDown = true;
  expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("internal_error");
  const events = sink.events.filter(({ type }) => type === "refresh");
  expect(events).toMatchObject([{ outcome: "failure", reason: "internal_error" }]);
});

test("no access token outlives the idle end, which only a refresh moves, by a part of a second", async () => {
  const { auth, clock } = makeAuth({ session: { idleTtl: "1d", accessTtl: "1d" } });
  clock.advance(500);
  const { accessToken, refreshTokenExpiresAt } = await auth.signup(right, CLIENT);
  clock.advance("23h");
  const proven = await auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT);
  expect(proven.accessTokenExpiresAt).toEqual(new Date(refreshTokenExpiresAt.getTime() - 500));
});

test("in the cached mode what this process ended shows at once: a reuse, a password change", async () => {
  const { auth, clock } = makeAuth({ session: { check: { atMostEvery: "5m" } } });
  const signedIn = await auth.signup(right, CLIENT);
  const { accessToken } = await auth.refresh(signedIn.refreshToken, CLIENT);
  clock.advance(GRACE + 1);
  await auth.verifyToken(accessToken);
  expect(await codeOf(auth.refresh(signedIn.refreshToken, CLIENT))).toBe("session_revoked");
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");

  const again = await auth.login(right, ELSEWHERE);
  const before = again.status === "signed_in" ? again.accessToken : "";
  await auth.verifyToken(before);
  await auth.password.change(before, { currentPassword: PASSWORD, newPassword: "Another2staple" }, CLIENT);
  expect(await codeOf(auth.verifyToken(before))).toBe("session_revoked");
});
