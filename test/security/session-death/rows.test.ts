// Class: incomplete revocation. The row decides, whoever wrote it: a script, a restored backup, another version.
import type { AuthStore, SignedIn, UserChange } from "sallyport";
import { describe, expect, test } from "vitest";
import { codeOf, EMAIL, type Harness, makeAuth, PASSWORD, STORES } from "../../support/harness.ts";
import { userOf } from "../../support/security-change.ts";
import { JOB } from "../../support/session-endings.ts";
import { codesOf, each, signedCalls } from "../../support/token-calls.ts";

const credentials = { email: EMAIL, password: PASSWORD };
const MINUTE = 60_000;
/** The statuses with which no user signs in. */
const INACTIVE: readonly Pick<UserChange, "status" | "deleteAfter">[] = [
  { status: "disabled" },
  { status: "deleting", deleteAfter: new Date("2026-02-01T00:00:00.000Z") },
];

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(INACTIVE)(
    "a user who is $status is refused, though nobody revoked their sessions",
    async (status) => {
      const { auth, store, clock } = makeAuth({ store: makeStore() });
      const { user, accessToken, refreshToken } = await auth.signup(credentials, JOB);
      const { epoch } = await userOf(store, EMAIL);
      await store.users.change(user.id, epoch, { ...status, at: clock.now() });

      expect(await store.sessions.listLive(user.id, clock.now(), 10)).toHaveLength(1);
      const calls = { ...signedCalls(auth), verifyToken: auth.verifyToken };
      expect(await codesOf(calls, accessToken)).toEqual(each(calls, "session_revoked"));
      expect(await codeOf(auth.refresh(refreshToken, JOB))).toBe("session_revoked");
      expect(await codeOf(auth.login(credentials, JOB))).toBe("invalid_credentials");
      expect(await codeOf(auth.signup(credentials, JOB))).toBe("email_taken");
      expect(await store.sessions.listLive(user.id, clock.now(), 10)).toHaveLength(1);
      expect(await codeOf(auth.logout(refreshToken, JOB))).toBe("fulfilled");
    },
  );

  test.each(INACTIVE)("the cached check learns within 5 s that a user is $status", async (status) => {
    const check = { atMostEvery: "5s" } as const;
    const { auth, store, clock } = makeAuth({ store: makeStore(), session: { check } });
    const { user, accessToken } = await auth.signup(credentials, JOB);
    await auth.verifyToken(accessToken);
    const { epoch } = await userOf(store, EMAIL);
    await store.users.change(user.id, epoch, { ...status, at: clock.now() });
    clock.advance(5000);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test("a session ends at its absolute end, whatever its idle end says", async () => {
    const harness = makeAuth({ store: makeStore() });
    const { auth, clock, ctx } = harness;
    await auth.signup(credentials, JOB);
    const { accessToken, session } = await openOddly(harness, harness.store);
    const refreshToken = ctx.refreshTokens.issue({ sessionId: session.id, counter: 0 });
    clock.advance(MINUTE - 1);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    clock.advance(1);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_expired");
    expect(await codeOf(auth.refresh(refreshToken, JOB))).toBe("session_expired");
  });

  test("no token is promised to live longer than its session", async () => {
    const session = { refreshTtl: "20m", idleTtl: "15m" } as const;
    const { auth, clock } = makeAuth({ store: makeStore(), session });
    const first = await auth.signup(credentials, JOB);
    clock.advance(14 * MINUTE);
    const next = await auth.refresh(first.refreshToken, JOB);
    const again = await auth.reauthenticate(next.accessToken, { password: PASSWORD }, JOB);
    expect(next.session.expiresAt).toEqual(first.session.expiresAt);
    for (const end of [next.refreshTokenExpiresAt, next.accessTokenExpiresAt, again.accessTokenExpiresAt])
      expect(end.getTime()).toBeLessThanOrEqual(first.session.expiresAt.getTime());
  });
});

/** A session of one minute whose idle end lies an hour ahead, and an access token of an hour. */
async function openOddly(
  { ctx, clock }: Harness,
  store: AuthStore,
): Promise<{ readonly accessToken: string; readonly session: Pick<SignedIn["session"], "id"> }> {
  const user = await userOf(store, EMAIL);
  const [known] = await store.sessions.listLive(user.id, clock.now(), 1);
  if (!known) throw new TypeError("No session");
  const now = clock.now().getTime();
  const id = ctx.newId<typeof known.id>(clock.now());
  const ends = { idleExpiresAt: new Date(now + 60 * MINUTE), expiresAt: new Date(now + MINUTE) };
  await store.sessions.create({ ...known, ...ends, id });
  const iat = Math.floor(now / 1000);
  const ids = { sub: user.id, sid: id, jti: id };
  const accessToken = await ctx.signer.sign({ ...ids, iat, exp: iat + 3600, auth_time: iat, amr: ["pwd"] });
  return { accessToken, session: { id } };
}
