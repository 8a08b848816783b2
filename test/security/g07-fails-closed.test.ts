// Classes: an error that reads as success (next-auth GHSA-8fpg-xm3f-6cx3), half-written effects, limits
// that vanish with their backend.
import {
  type Auth,
  AuthError,
  type AuthStore,
  isAuthError,
  type RateLimiter,
  type SignedIn,
} from "sallyport";
import { describe, expect, test } from "vitest";
import { EVERY_CALL, goesOnAfter, type NamedCall } from "../support/every-call.ts";
import { faultyPorts } from "../support/faulty-ports.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, NOON, PASSWORD, STORES, times } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
/** What a signup is called with: nothing was made before. */
const NOT_YET = {} as SignedIn;

/** The store and the limiter are away; the rest broke. */
function codeOfFault(step: string): string {
  return /^(?:signer|hasher|hooks)\./.test(step) ? "internal_error" : "unavailable";
}

/** A signup asks for its token after the commit, so that the hook finds the rows of `userCreated`. */
function isAfterTheCommit(call: string, step: string): boolean {
  return call === "signup" && (step === "signer.sign" || step === "hooks.claims");
}

/** Everything an observer can tell of the store's state, through the public API of a second, sound library. */
async function observe(inner: AuthStore): Promise<unknown> {
  const record = await inner.users.findForLogin(EMAIL);
  if (!record) return "no user";
  const { user, password } = record;
  const sessions = await inner.sessions.listLive(user.id, new Date(NOON), 100);
  const events = await inner.events.list({ userId: user.id, limit: 100 });
  return { user, password, sessions, successes: events.filter((event) => event.outcome === "success") };
}

/** They use neither the store nor the limiter, or answer what is wrong: `test/flows/health.test.ts`. */
const WITHOUT_PORTS = ["requireFresh", "jwks", "warn", "health", "close"];

/** The calls that need a mailer. The tests of mail break each step of them: `test/security/mail` and those of the postman. */
const WITH_A_MAILER = [
  "confirmSignup",
  "challenges.email",
  "password.requestReset",
  "password.reset",
  "email.requestVerification",
  "email.verify",
  "mail.resend",
  "mail.deliver",
  "mail.retry",
];

/** The calls that end sessions. A fault of the limiter stops no other call. */
const GO_ON_WITHOUT_LIMITER = [
  "logout",
  "logout with the refresh token",
  "sessions.revoke",
  "sessions.revokeOthers",
];

/** Three ways in which a limiter fails. */
const BROKEN: readonly RateLimiter["consume"][] = [
  () => Promise.reject(new TypeError("limiter is down")),
  () => {
    throw new TypeError("synchronous");
  },
  async () => undefined as never,
];

/** An account with its sessions, and a call that ends some of them while the limiter fails. */
interface Ending {
  readonly inner: AuthStore;
  /** A sound library over the same store. */
  readonly auth: Auth;
  readonly made: SignedIn;
  readonly named: NamedCall;
  readonly end: () => Promise<unknown>;
}

async function liveIds({ inner, made }: Ending): Promise<readonly string[]> {
  const live = await inner.sessions.listLive(made.user.id, new Date(NOON), 100);
  return live.map(({ id }) => id);
}

async function countSuccesses({ inner, made }: Ending): Promise<number> {
  const events = await inner.events.list({ userId: made.user.id, limit: 100 });
  return events.filter(({ outcome }) => outcome === "success").length;
}

/** The call succeeds, ends its sessions and no other, records this, and changes nothing else. */
async function expectEnds(ending: Ending): Promise<void> {
  const { inner, auth, made, named, end } = ending;
  const ended = (await named.ends?.(auth, made)) ?? [];
  expect(ended.length).toBeGreaterThan(0);
  const before = await liveIds(ending);
  expect(before).toEqual(expect.arrayContaining([...ended]));
  const login = await inner.users.findForLogin(EMAIL);
  const successes = await countSuccesses(ending);

  expect(await codeOf(end())).toBe("fulfilled");

  expect(await liveIds(ending)).toEqual(before.filter((id) => !ended.includes(id)));
  const own = ended.includes(made.session.id) ? "session_revoked" : "fulfilled";
  expect(await codeOf(auth.verifyToken(made.accessToken))).toBe(own);
  expect(await inner.users.findForLogin(EMAIL)).toEqual(login);
  expect(await countSuccesses(ending)).toBe(successes + 1);
}

async function begin(inner: AuthStore, named: NamedCall) {
  const ports = faultyPorts(inner);
  const harness = makeAuth(ports.options);
  const made = await harness.auth.signup(right, CLIENT);
  await named.before?.(harness.auth, made);
  const auth = ports.callsOf(harness);
  const endWithFaultAt = (at: number): Promise<unknown> => {
    ports.failAt(at);
    return named.call(auth, made);
  };
  return { inner, auth: harness.auth, made, named, ports, errors: harness.errors, endWithFaultAt };
}

test("only the calls that end sessions go on without the limiter", () => {
  const goOn = Object.entries(EVERY_CALL).filter(([, named]) => goesOnAfter("limiter.consume", named));
  expect(goOn.map(([name]) => name).sort()).toEqual(GO_ON_WITHOUT_LIMITER);
});

test("every call is in the table of calls below", () => {
  const named = (api: object, prefix = ""): string[] =>
    Object.entries(api).flatMap(([name, value]) => {
      if (typeof value === "function") return [`${prefix}${name}`];
      return ["clock", "routes"].includes(name) ? [] : named(value, `${name}.`);
    });
  const missing = named(makeAuth().auth).filter((name) => !(name in EVERY_CALL));
  expect(missing.sort()).toEqual([...WITHOUT_PORTS, ...WITH_A_MAILER].sort());
});

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(Object.entries(EVERY_CALL))(
    "%s: a fault at each step where the call must not go on is an error, changes nothing, and passes",
    async (name, named) => {
      const { call, isFirst, before: prepare } = named;
      const reached = new Set<string>();
      for (let at = 1; ; at++) {
        const inner = makeStore();
        const ports = faultyPorts(inner);
        const harness = makeAuth(ports.options);
        const auth = ports.callsOf(harness);
        const made = isFirst ? NOT_YET : await harness.auth.signup(right, CLIENT);
        await prepare?.(harness.auth, made);
        const before = await observe(inner);
        ports.failAt(at);
        const outcome = await codeOf(call(auth, made));
        if (ports.seen.length < at) break; // past the last step
        const step = ports.seen[at - 1] as string;
        reached.add(step.split(".")[0] as string);
        if (goesOnAfter(step, named)) {
          await auth.close();
          continue; // The next test covers this step.
        }
        expect({ at, step, outcome }).toEqual({ at, step, outcome: codeOfFault(step) });
        expect(harness.errors).toHaveLength(1);
        if (!isAfterTheCommit(name, step)) expect(await observe(inner)).toEqual(before);
        // The cause is gone: the same call works, or fails for its own reason.
        expect(["fulfilled", "invalid_credentials", "email_taken"]).toContain(await codeOf(call(auth, made)));
        if (isFirst) expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
        await auth.close();
      }
      expect(reached.size).toBeGreaterThan(0);
      const wholePorts = ["signup", "login", "password.change"].includes(name);
      if (wholePorts)
        expect([...reached]).toEqual(expect.arrayContaining(["limiter", "hasher", "signer", "hooks"]));
    },
  );

  test.each(GO_ON_WITHOUT_LIMITER)(
    "%s: a fault of the limiter, at any count, is reported and keeps no session alive",
    async (name) => {
      const named = EVERY_CALL[name] as NamedCall;
      const sound = await begin(makeStore(), named);
      await sound.endWithFaultAt(Number.POSITIVE_INFINITY);
      const counts = sound.ports.seen.flatMap((step, index) =>
        step === "limiter.consume" ? [index + 1] : [],
      );
      expect(counts.length).toBeGreaterThan(0);
      for (const at of counts) {
        const begun = await begin(makeStore(), named);
        await expectEnds({ ...begun, end: () => begun.endWithFaultAt(at) });
        expect(begun.ports.seen[at - 1]).toBe("limiter.consume");
        const cause = new TypeError("fault at limiter.consume");
        expect(begun.errors).toEqual([expect.objectContaining({ code: "unavailable", cause })]);
        expect(isAuthError(begun.errors[0])).toBe(true);
      }
    },
  );

  test.each(GO_ON_WITHOUT_LIMITER)(
    "%s: a limiter that is down, throws at once or answers nothing keeps no session alive",
    async (name) => {
      const named = EVERY_CALL[name] as NamedCall;
      for (const consume of BROKEN) {
        const inner = makeStore();
        const { auth } = makeAuth({ store: inner });
        const made = await auth.signup(right, CLIENT);
        await named.before?.(auth, made);
        const rateLimiter = { consume, refund: () => Promise.reject(new TypeError("limiter is down")) };
        const broken = makeAuth({ store: inner, rateLimiter });
        await expectEnds({ inner, auth, made, named, end: () => named.call(broken.auth, made) });
        expect(broken.errors).toHaveLength(1);
        const [error] = broken.errors;
        expect(isAuthError(error) ? error.cause : error).toBeInstanceOf(TypeError);
      }
    },
  );

  test.each(["signer.sign", "hooks.claims"])(
    "a refresh whose successor cannot be made, by a fault at %s, uses up no token",
    async (step) => {
      const ports = faultyPorts(makeStore());
      const harness = makeAuth(ports.options);
      const auth = ports.callsOf(harness);
      const { refreshToken, session, user } = await harness.auth.signup(right, CLIENT);
      ports.failAt(Number.POSITIVE_INFINITY);
      await auth.refresh(refreshToken, CLIENT);
      const at = ports.seen.indexOf(step) + 1;
      expect(at).toBeGreaterThan(0);
      const second = (await auth.login(right, CLIENT)) as SignedIn;
      harness.clock.advance("1h");

      ports.failAt(at);
      expect(await codeOf(auth.refresh(second.refreshToken, CLIENT))).toBe("internal_error");
      expect(ports.seen).not.toContain("sessions.rotate");
      harness.clock.advance("1h"); // long after the grace: a used token would end the session
      expect(await codeOf(auth.refresh(second.refreshToken, CLIENT))).toBe("fulfilled");
      const live = await harness.store.sessions.listLive(user.id, harness.clock.now(), 10);
      expect(live.map(({ id }) => id).sort()).toEqual([session.id, second.session.id].sort());
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
    expect(await sound.store.sessions.listLive(user.id, new Date(NOON), 10)).toHaveLength(1);
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
  for (const call of ["signup", "login"] as const) {
    const error = await auth[call](right, CLIENT).catch((thrown) => thrown);
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
