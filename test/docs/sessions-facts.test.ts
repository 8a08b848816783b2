import type { AuthOptions, SignedIn } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import {
  CALLERS,
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  STORES,
  tally,
  times,
} from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

// What docs/sessions.md says outside of its tables.

const credentials = { email: EMAIL, password: PASSWORD };

test("after a reauthentication its token is fresh and those of later refreshes are, no older one is", async () => {
  const { auth, clock } = makeAuth();
  const signedIn = await auth.signup(credentials, CLIENT);
  const freshness = async ({ accessToken }: Pick<SignedIn, "accessToken">): Promise<string> => {
    const principal = await auth.verifyToken(accessToken);
    return codeOf(Promise.resolve(principal).then((proven) => auth.requireFresh(proven)));
  };
  expect(await freshness(signedIn)).toBe("fulfilled");
  clock.advance("301s");
  const refreshed = await auth.refresh(signedIn.refreshToken, CLIENT);
  const proven = await auth.reauthenticate(refreshed.accessToken, { password: PASSWORD }, CLIENT);
  const later = await auth.refresh(refreshed.refreshToken, CLIENT);

  expect([await freshness(signedIn), await freshness(refreshed)]).toEqual(
    Array(2).fill("reauthentication_required"),
  );
  expect([await freshness(proven), await freshness(later)]).toEqual(Array(2).fill("fulfilled"));
});

test("a forged refresh token costs no query, and a foreign session is left alone", async () => {
  for (const [, makeStore] of STORES) {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store });
    const { refreshToken, accessToken } = await auth.signup(credentials, CLIENT);
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
    verbs.length = 0;
    const forged = `${refreshToken.slice(0, -2)}${refreshToken.endsWith("AA") ? "AQ" : "AA"}`;
    expect(await codeOf(auth.refresh(forged, CLIENT))).toBe("invalid_token");
    expect(verbs).toEqual([]);
    expect(await codeOf(auth.sessions.revoke(accessToken, bob.session.id))).toBe("not_found");
    expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("fulfilled");
  }
});

test("that a session was ended shows as late as its mode says, and in no other call", async () => {
  const lagOf = async (check: "always" | "never" | { atMostEvery: "5s" }, endsElsewhere: boolean) => {
    const here = makeAuth({ session: { check } });
    const { clock, store } = here;
    const elsewhere = makeAuth({ store, clock });
    const { accessToken, refreshToken } = await here.auth.signup(credentials, CLIENT);
    await here.auth.verifyToken(accessToken);
    await (endsElsewhere ? elsewhere : here).auth.logout(refreshToken);
    expect(await codeOf(here.auth.getUser(accessToken))).toBe("session_revoked");
    for (let ms = 0; ms <= 900_000; ms += 1000) {
      const code = await codeOf(here.auth.verifyToken(accessToken));
      if (code !== "fulfilled") return [ms / 1000, code];
      clock.advance("1s");
    }
    return "never";
  };
  expect(await lagOf("always", true)).toEqual([0, "session_revoked"]);
  expect(await lagOf({ atMostEvery: "5s" }, true)).toEqual([5, "session_revoked"]);
  expect(await lagOf({ atMostEvery: "5s" }, false)).toEqual([0, "session_revoked"]);
  expect(await lagOf("never", true)).toEqual([900, "token_expired"]);
  expect(await lagOf("never", false)).toEqual([900, "token_expired"]);
});

test("in every mode a session that reached its end is refused on time", async () => {
  for (const check of ["always", { atMostEvery: "5m" }, "never"] as const) {
    const { auth, clock } = makeAuth({ session: { check, idleTtl: "6m", accessTtl: "6m" } });
    const { accessToken, refreshToken } = await auth.signup(credentials, CLIENT);
    clock.advance("359s");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    clock.advance("1s");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("token_expired");
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("session_expired");
  }
});

test("only a refreshed access token ends early, by a tenth at most", async () => {
  const { auth, clock } = makeAuth();
  const { refreshToken, accessTokenExpiresAt, session } = await auth.signup(credentials, CLIENT);
  const DAY = 86_400_000;
  expect(accessTokenExpiresAt.getTime() - clock.now().getTime()).toBe(DAY);
  const ends = new Set<number>();
  let token = refreshToken;
  for (let count = 0; count < 20; count++) {
    const next = await auth.refresh(token, CLIENT);
    ends.add(next.accessTokenExpiresAt.getTime() - clock.now().getTime());
    expect(next.session.expiresAt).toEqual(session.expiresAt);
    token = next.refreshToken;
  }
  expect(ends.size).toBeGreaterThan(1);
  expect(Math.min(...ends)).toBeGreaterThanOrEqual(0.9 * DAY - 1000);
  expect(Math.max(...ends)).toBeLessThanOrEqual(DAY);
});

type Claims = () => unknown;
const withClaims = (claims: Claims, rest: Partial<AuthOptions> = {}) =>
  makeAuth({ ...rest, hooks: { claims } as AuthOptions["hooks"] });

test("claims are plain JSON of at most 1 KiB under one claim, and touch none of the library's", async () => {
  const good = { sub: "somebody else", roles: ["editor"], text: "x".repeat(900) };
  const { auth } = withClaims(() => good);
  const signedIn = await auth.signup(credentials, CLIENT);
  const principal = await auth.verifyToken(signedIn.accessToken);
  expect([principal.userId, principal.claims]).toEqual([signedIn.user.id, good]);

  for (const bad of [
    { at: new Date() },
    { map: new Map() },
    { a: undefined },
    [],
    "x",
    null,
    { a: "x".repeat(1024) },
  ]) {
    const other = withClaims(() => bad);
    expect(await codeOf(other.auth.signup(credentials, CLIENT))).toBe("internal_error");
    expect(other.errors).toHaveLength(1);
  }
});

test("a hook that is down uses up no refresh token, and leaves an account that can sign in", async () => {
  let down = true;
  const { auth } = withClaims(() => (down ? Promise.reject(new Error("down")) : { up: true }));
  expect(await codeOf(auth.signup(credentials, CLIENT))).toBe("internal_error");
  down = false;
  const { refreshToken } = (await auth.login(credentials, CLIENT)) as SignedIn;
  down = true;
  expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("internal_error");
  down = false;
  expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
});

test("a clock that is five seconds behind the one that signed or rotated changes nothing", async () => {
  const { auth, store, clock } = makeAuth();
  const behind = makeAuth({ store, clock: fakeClock(new Date(clock.now().getTime() - 5000)) });
  const { refreshToken } = await auth.signup(credentials, CLIENT);
  const next = await auth.refresh(refreshToken, CLIENT);
  expect(await codeOf(behind.auth.verifyToken(next.accessToken))).toBe("fulfilled");
  expect((await behind.auth.refresh(refreshToken, CLIENT)).refreshToken).toBe(next.refreshToken);
});

test("of 50 parallel refreshes one moves the counter; of 50 parallel reuses one event tells", async () => {
  for (const [, makeStore] of STORES) {
    const { auth, store, clock, sink } = makeAuth({
      store: makeStore(),
      limits: { refresh: { session: false } },
    });
    const { refreshToken, session } = await auth.signup(credentials, CLIENT);
    const refresh = () => auth.refresh(refreshToken, CLIENT);
    const answers = await Promise.all(times(CALLERS, refresh));
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    expect((await store.sessions.find(session.id))?.session.refreshCounter).toBe(1);

    clock.advance("11s");
    expect(await tally(times(CALLERS, refresh))).toEqual({ session_revoked: CALLERS });
    await new Promise(setImmediate);
    const [reuse, ...more] = sink.events.filter(({ reason }) => reason === "refresh_reuse");
    expect([reuse?.data, reuse?.ip, more]).toEqual([{ lastIp: CLIENT.ip }, CLIENT.ip, []]);
  }
});
