import type { AuthStore } from "sallyport";
import { describe, expect, test } from "vitest";
import { argon2Hasher } from "../../src/adapters/argon2/argon2-hasher.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("signup answers with the user, their session and a token of 24 hours", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const now = clock.now();
    const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
    const result = await auth.signup({ email: "Ada@Example.com", password: PASSWORD }, CLIENT);
    expect(result).toEqual({
      status: "signed_in",
      user: {
        id: result.user.id,
        email: "Ada@Example.com",
        emailVerified: false,
        createdAt: now,
        lastLoginAt: now,
      },
      session: {
        id: result.session.id,
        createdAt: now,
        expiresAt: inDays(30),
        ip: CLIENT.ip,
        userAgent: CLIENT.userAgent,
        amr: ["pwd"],
      },
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      accessTokenExpiresAt: inDays(1),
      refreshToken: expect.stringMatching(/^[\w-]{71}$/),
      refreshTokenExpiresAt: inDays(14),
      deviceToken: expect.stringMatching(/^[\w-]{100}$/),
    });
  });

  test("login finds the account under any case, opens a new session and moves lastLoginAt", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const first = await auth.signup(right, CLIENT);
    clock.advance("1h");
    const second = await auth.login({ ...right, email: "ADA@EXAMPLE.COM" }, { ip: "192.0.2.1" });
    if (second.status !== "signed_in") throw new TypeError("No session");
    expect(second.user).toEqual({ ...first.user, lastLoginAt: clock.now() });
    expect(second.session.id).not.toBe(first.session.id);
    expect((await auth.getUser(second.accessToken)).user.lastLoginAt).toEqual(clock.now());
    const sessions = await auth.sessions.list(second.accessToken);
    expect(sessions.map(({ id, current }) => [id, current])).toEqual([
      [second.session.id, true],
      [first.session.id, false],
    ]);
  });

  test("verifyToken tells who, since when and until when", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const now = clock.now();
    const { accessToken, user, session } = await auth.signup(right, CLIENT);
    expect(await auth.verifyToken(accessToken)).toEqual({
      userId: user.id,
      sessionId: session.id,
      amr: ["pwd"],
      authenticatedAt: now,
      claims: {},
      issuedAt: now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    });
  });

  test("a token of another length ends when it says", async () => {
    const { auth, clock } = makeAuth({ store: makeStore(), session: { accessTtl: "10m" } });
    const { accessToken } = await auth.signup(right, CLIENT);
    clock.advance("10m");
    expect(await codeOf(auth.getUser(accessToken))).toBe("token_expired");
  });

  test("what signup stores: one user, one password under the user's id, one session with both of its ends", async () => {
    const store = makeStore();
    const lifetimes = { accessTtl: "10m", idleTtl: "1d", refreshTtl: "7d" } as const;
    const { auth, clock } = makeAuth({ store, session: lifetimes });
    const { user, session, refreshTokenExpiresAt } = await auth.signup(right, CLIENT);
    const credential = await store.credentials.findByIdentifier("password", user.id);
    expect(credential).toMatchObject({
      userId: user.id,
      kind: "password",
      version: 0,
      createdAt: clock.now(),
    });
    const inDays = (days: number) => new Date(clock.now().getTime() + days * 86_400_000);
    expect((await store.sessions.find(session.id))?.session).toMatchObject({
      expiresAt: inDays(7),
      idleExpiresAt: inDays(1),
      refreshCounter: 0,
      refreshedAt: null,
    });
    expect([session.expiresAt, refreshTokenExpiresAt]).toEqual([inDays(7), inDays(1)]);
  });

  test("a lower session.max, set later, hides no session that lives", async () => {
    const store = makeStore();
    const before = makeAuth({ store });
    await before.auth.signup(right, CLIENT);
    for (let count = 0; count < 4; count++) await before.auth.login(right, CLIENT);
    const { accessToken } = (await before.auth.login(right, { ip: null })) as { accessToken: string };
    expect(await makeAuth({ store, session: { max: 2 } }).auth.sessions.list(accessToken)).toHaveLength(6);
  });

  test("a login by a clock that is behind does not end its own session", async () => {
    const { auth, clock } = makeAuth({ store: makeStore(), session: { max: 1 } });
    const first = await auth.signup(right, CLIENT);
    clock.set(new Date(clock.now().getTime() - 2000));
    const second = (await auth.login(right, CLIENT)) as { accessToken: string };
    expect(await codeOf(auth.verifyToken(second.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("session_revoked");
  });

  test("a clock that steps back does not keep anybody from signing out", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    clock.set(new Date(clock.now().getTime() - 60_000));
    await auth.logout(accessToken);
    clock.advance("1m");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test("an old hash is replaced after a right password, and not after a wrong one", async () => {
    const store = makeStore();
    const { auth } = makeAuth({ store, password: { hasher: argon2Hasher({ memoryKiB: 64, passes: 1 }) } });
    await auth.signup(right, CLIENT);
    const hashNow = async () => (await store.users.findForLogin(EMAIL))?.password?.data.slice(0, 31);
    const upgraded = makeAuth({ store, password: undefined });

    await codeOf(upgraded.auth.login({ ...right, password: "wrong" }, CLIENT));
    expect(await hashNow()).toContain("m=64,t=1");
    expect(await codeOf(upgraded.auth.login(right, CLIENT))).toBe("fulfilled");
    expect(await hashNow()).toContain("m=19456,t=2");
    expect(await codeOf(upgraded.auth.login(right, CLIENT))).toBe("fulfilled");
  });

  test("a hash that cannot be replaced does not stop the login", async () => {
    const inner: AuthStore = makeStore();
    const store = interceptStore(inner, (verb) => {
      if (verb === "credentials.replace") throw new TypeError("read-only column");
    });
    const cheap = makeAuth({ store, password: { hasher: argon2Hasher({ memoryKiB: 64, passes: 1 }) } });
    await cheap.auth.signup(right, CLIENT);
    const { auth, errors } = makeAuth({ store, password: undefined });
    expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
    expect(errors).toHaveLength(1);
  });
});

test("an Auth is frozen, closes once and for all, and works with `await using`", async () => {
  const { auth } = makeAuth();
  expect(Object.isFrozen(auth) && Object.isFrozen(auth.sessions) && Object.isFrozen(auth.events)).toBe(true);
  expect(Object.isFrozen(auth.users)).toBe(true);
  await auth.close();
  await auth.close();
  await using scoped = makeAuth().auth;
  expect(typeof scoped[Symbol.asyncDispose]).toBe("function");
});
