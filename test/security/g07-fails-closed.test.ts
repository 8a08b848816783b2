// Classes: an error that reads as success (next-auth GHSA-8fpg-xm3f-6cx3), half-written effects, limits
// that vanish with their backend.
import type { Auth, AuthStore, RateLimiter } from "sallyport";
import { AuthError, isAuthError } from "sallyport";
import { describe, expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES, times } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const unlimited = { login: { address: false, account: false }, signup: { address: false } } as const;

/** A store that fails at its n-th verb, then works. */
function faultyStore(inner: AuthStore): { store: AuthStore; failAt(n: number): void; seen: string[] } {
  const seen: string[] = [];
  let countdown = Number.POSITIVE_INFINITY;
  const store = interceptStore(inner, (verb) => {
    seen.push(verb);
    if (--countdown === 0) throw new TypeError(`fault at ${verb}`);
  });
  return {
    store,
    seen,
    failAt: (n) => {
      seen.length = 0;
      countdown = n;
    },
  };
}

/** Everything an observer can tell of the store's state, through the public API of a second, sound library. */
async function observe(inner: AuthStore): Promise<unknown> {
  const record = await inner.users.findForLogin(EMAIL);
  if (!record) return "no user";
  const { user, password } = record;
  const sessions = await inner.sessions.listLive(user.id, new Date("2026-01-01T12:00:00Z"), 100);
  const events = await inner.events.list({ userId: user.id, limit: 100 });
  return { user, password, sessions, successes: events.filter((event) => event.outcome === "success") };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  type Call = (auth: Auth, token: string, id: string) => Promise<unknown>;
  const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
  const disabled = (auth: Auth, id: string) => auth.users.disable(id);
  const secondSession = async (auth: Auth) => void (await auth.login(right, CLIENT));
  const oldest = async (auth: Auth, token: string) =>
    (await auth.sessions.list(token)).at(-1) as { readonly id: string };
  const calls: Record<
    string,
    { call: Call; ready: boolean; before?: (auth: Auth, id: string) => Promise<void> }
  > = {
    signup: { call: (auth) => auth.signup(right, CLIENT), ready: false },
    "taken signup": { call: (auth) => auth.signup(right, CLIENT), ready: true },
    login: { call: (auth) => auth.login(right, CLIENT), ready: true },
    "failed login": { call: (auth) => auth.login({ ...right, password: "wrong" }, CLIENT), ready: true },
    logout: { call: (auth, token) => auth.logout(token), ready: true },
    verifyToken: { call: (auth, token) => auth.verifyToken(token), ready: true },
    getUser: { call: (auth, token) => auth.getUser(token), ready: true },
    "sessions.list": { call: (auth, token) => auth.sessions.list(token), ready: true },
    "events.list": { call: (auth, token) => auth.events.list(token), ready: true },
    "password.change": { call: (auth, token) => auth.password.change(token, change, CLIENT), ready: true },
    "sessions.revoke": {
      call: async (auth, token) => auth.sessions.revoke(token, (await oldest(auth, token)).id),
      ready: true,
      before: secondSession,
    },
    "sessions.revokeOthers": {
      call: (auth, token) => auth.sessions.revokeOthers(token),
      ready: true,
      before: secondSession,
    },
    purge: { call: (auth) => auth.purge(), ready: true },
    "users.disable": { call: (auth, _token, id) => auth.users.disable(id), ready: true },
    "users.enable": { call: (auth, _token, id) => auth.users.enable(id), ready: true, before: disabled },
    "users.delete": { call: (auth, _token, id) => auth.users.delete(id), ready: true },
  };

  test.each(Object.entries(calls))(
    "%s: a fault at each verb in turn is `unavailable`, changes nothing, and passes",
    async (_call, { call, ready, before: prepare }) => {
      let reached = 0;
      for (let at = 1; ; at++) {
        const inner = makeStore();
        const { store, failAt, seen } = faultyStore(inner);
        const { auth, errors } = makeAuth({ store, limits: unlimited });
        const made = ready ? await auth.signup(right, CLIENT) : null;
        const [token, id] = [made?.accessToken ?? "", made?.user.id ?? ""];
        await prepare?.(auth, id);
        const before = await observe(inner);
        failAt(at);
        const outcome = await codeOf(call(auth, token, id));
        if (seen.length < at) break; // past the last verb
        reached++;
        expect({ at, verb: seen.at(-1), outcome }).toEqual({ at, verb: seen.at(-1), outcome: "unavailable" });
        expect(await observe(inner)).toEqual(before);
        expect(errors).toHaveLength(1);
        // The cause is gone: the same call works, or fails for its own reason.
        expect(["fulfilled", "invalid_credentials", "email_taken"]).toContain(
          await codeOf(call(auth, token, id)),
        );
        await auth.close();
      }
      expect(reached).toBeGreaterThan(0);
    },
  );
});

test("a limiter that fails lets nobody through, and does no work", async () => {
  const broken: RateLimiter = {
    consume: () => Promise.reject(new TypeError("limiter is down")),
    refund: () => Promise.reject(new TypeError("limiter is down")),
  };
  const { auth, store, errors } = makeAuth({ rateLimiter: broken });
  expect(await codeOf(auth.signup(right, CLIENT))).toBe("unavailable");
  expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
  expect(await store.users.findForLogin(EMAIL)).toBeNull();
  expect(errors.every((error) => isAuthError(error) && error.cause instanceof TypeError)).toBe(true);
});

test("a limiter that throws at once, answers nothing, or fails at the refund lets nobody through", async () => {
  const allowed = { allowed: true, count: 1, resetMs: 1 };
  const limiters: RateLimiter[] = [
    {
      consume: () => {
        throw new TypeError("synchronous");
      },
      refund: async () => {},
    },
    { consume: async () => undefined as never, refund: async () => {} },
    { consume: async () => allowed, refund: () => Promise.reject(new TypeError("refund")) },
  ];
  for (const rateLimiter of limiters) {
    const sound = makeAuth();
    const { user } = await sound.auth.signup(right, CLIENT);
    const { auth } = makeAuth({ store: sound.store, rateLimiter });
    expect(["unavailable", "internal_error"]).toContain(await codeOf(auth.login(right, CLIENT)));
    expect(await sound.store.sessions.listLive(user.id, new Date("2026-01-01T12:00:00Z"), 10)).toHaveLength(
      1,
    );
  }
});

test("whatever breaks inside, callers get an AuthError and the operator its cause", async () => {
  let asked = 0;
  const clock = {
    now: () => {
      if (asked++ > 0) throw new RangeError("no time");
      return new Date();
    },
  };
  const { auth, errors } = makeAuth({ clock });
  for (const call of [auth.signup(right, CLIENT), auth.login(right, CLIENT)]) {
    const error = await call.catch((thrown) => thrown);
    expect(isAuthError(error)).toBe(true);
    expect(error.message).not.toContain("no time");
  }
  expect(errors.map((error) => (error as Error).cause)).toEqual(times(2, () => expect.any(RangeError)));
});

test("a closed store answers `unavailable`", async () => {
  for (const [, makeStore] of STORES) {
    const { auth } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    await auth.close();
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("unavailable");
    expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
  }
});

test("closing what cannot be closed is `unavailable`", async () => {
  const store = { ...makeAuth().store, close: () => Promise.reject(new TypeError("still busy")) };
  expect(await codeOf(makeAuth({ store }).auth.close())).toBe("unavailable");
});

test("the operator hears of faults, and not of refusals", async () => {
  const { auth, errors } = makeAuth();
  await codeOf(auth.login(right, CLIENT));
  await codeOf(auth.verifyToken("x"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);

  const misconfigured = Promise.reject(
    new AuthError("invalid_configuration", { message: "schema version 99" }),
  );
  misconfigured.catch(() => {});
  const store = interceptStore(makeAuth().store, () => misconfigured);
  const broken = makeAuth({ store });
  expect(await codeOf(broken.auth.login(right, CLIENT))).toBe("invalid_configuration");
  await new Promise((resolve) => setImmediate(resolve));
  expect(broken.errors).toHaveLength(1);
});

test("an onError that throws or rejects hurts nobody", async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", listener);
  for (const onError of [
    () => Promise.reject(new TypeError("the log is down")),
    () => {
      throw new TypeError("the log is broken");
    },
  ]) {
    const { auth } = makeAuth({ onError });
    await auth.close();
    expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", listener);
  expect(unhandled).toEqual([]);
});
