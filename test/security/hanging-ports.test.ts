// Class: calls without an end. A port that hangs is a port that fails: it must not take its callers along.
import type { Auth, AuthStore, RateLimiter } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const BOUND_MS = 5_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Hanging {
  /** Whether the call has come to what hangs. */
  readonly hangs: () => boolean;
  readonly boundMs?: number;
}

/** How a call ends that hangs until the bound: a moment before it has not ended, and then it has. */
async function endingOf(call: Promise<unknown>, { hangs, boundMs = BOUND_MS }: Hanging): Promise<string> {
  let ended = "not yet";
  const ending = codeOf(call).then((code) => {
    ended = code;
  });
  while (!hangs() && ended === "not yet") await turn();
  await vi.advanceTimersByTimeAsync(boundMs - 1);
  await turn();
  if (ended !== "not yet") return `${ended}, too early`;
  await vi.advanceTimersByTimeAsync(1);
  await ending;
  return ended;
}

/** A function that never answers, and knows whether it was called. */
function silent(): { never: <T>() => Promise<T>; hangs: () => boolean } {
  let wasCalled = false;
  return {
    hangs: () => wasCalled,
    never: () => {
      wasCalled = true;
      return new Promise(() => {});
    },
  };
}

/** A store that hangs at its n-th verb from now on. The verbs before it, and those after, work. */
function hangingStore(inner: AuthStore): { store: AuthStore; hangAt(n: number): void; seen: string[] } {
  const seen: string[] = [];
  let countdown = Number.POSITIVE_INFINITY;
  const store = interceptStore(inner, (verb) => {
    if (verb === "commit") return; // no verb: it stands between the library and the store
    seen.push(verb);
    return --countdown === 0 ? new Promise<void>(() => {}) : undefined;
  });
  return {
    store,
    seen,
    hangAt: (n) => {
      seen.length = 0;
      countdown = n;
    },
  };
}

const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
type Call = (auth: Auth, token: string, id: string) => Promise<unknown>;
const CALLS: Readonly<Record<string, Call>> = {
  signup: (auth) => auth.signup({ ...right, email: "grace@example.com" }, CLIENT),
  login: (auth) => auth.login(right, CLIENT),
  "failed login": (auth) => auth.login({ ...right, password: "wrong" }, CLIENT),
  verifyToken: (auth, token) => auth.verifyToken(token),
  getUser: (auth, token) => auth.getUser(token),
  reauthenticate: (auth, token) => auth.reauthenticate(token, { password: PASSWORD }, CLIENT),
  "password.change": (auth, token) => auth.password.change(token, change, CLIENT),
  "sessions.list": (auth, token) => auth.sessions.list(token),
  "sessions.revokeOthers": (auth, token) => auth.sessions.revokeOthers(token),
  "events.list": (auth, token) => auth.events.list(token),
  "users.disable": (auth, _token, id) => auth.users.disable(id),
  "users.delete": (auth, _token, id) => auth.users.delete(id),
  purge: (auth) => auth.purge(),
  logout: (auth, token) => auth.logout(token),
};

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(Object.entries(CALLS))(
    "%s: a store that hangs at any verb is unavailable after one bound, and keeps no lock",
    async (_call, call) => {
      for (let at = 1; ; at++) {
        const { store, hangAt, seen } = hangingStore(makeStore());
        const unlimited = { login: { address: false, account: false } } as const;
        const { auth } = makeAuth({ store, limits: unlimited });
        const { accessToken, user } = await auth.signup(right, CLIENT);
        hangAt(at);
        const ending = await endingOf(call(auth, accessToken, user.id), { hangs: () => seen.length >= at });
        if (seen.length < at) {
          expect(at).toBeGreaterThan(1);
          return;
        }
        expect({ at, verb: seen[at - 1], ending }).toEqual({ at, verb: seen[at - 1], ending: "unavailable" });
        expect(await codeOf(auth.login({ ...right, password: "wrong" }, CLIENT))).toBe("invalid_credentials");
      }
    },
  );
});

test("a cut-off attempt is recorded once, although its caller did not wait for that", async () => {
  const { store, hangAt, seen } = hangingStore(makeAuth().store);
  const { auth } = makeAuth({ store });
  const { accessToken } = await auth.signup(right, CLIENT);
  hangAt(2); // `begin`, after the read
  expect(await endingOf(auth.login(right, CLIENT), { hangs: () => seen.length >= 2 })).toBe("unavailable");
  const told = async () =>
    (await auth.events.list(accessToken)).events.map(({ type, outcome, reason }) => [type, outcome, reason]);
  while ((await told()).length < 2) await turn();
  expect(await told()).toEqual([
    ["login", "failure", "unavailable"],
    ["signup", "success", null],
  ]);
});

test("a hook userCreated that hangs undoes the signup", async () => {
  const { never: userCreated, hangs } = silent();
  const { auth, store } = makeAuth({ hooks: { userCreated } });
  expect(await endingOf(auth.signup(right, CLIENT), { hangs })).toBe("unavailable");
  expect(await store.users.findForLogin(EMAIL)).toBeNull();
});

test("a hook claims that hangs is unavailable, and uses up no refresh token", async () => {
  const { never, hangs } = silent();
  let answers = true;
  const claims = () => (answers ? { role: "reader" } : never<{ role: string }>());
  const { auth, errors } = makeAuth({ hooks: { claims } });
  const { refreshToken } = await auth.signup(right, CLIENT);
  answers = false;
  expect(await endingOf(auth.refresh(refreshToken, CLIENT), { hangs })).toBe("unavailable");
  expect(errors).toContainEqual(
    expect.objectContaining({ cause: "hooks.claims gave no answer within 5000 ms." }),
  );
  answers = true;
  expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
});

test("a breach service that hangs counts as no, and the operator is told", async () => {
  const { never, hangs } = silent();
  const isBreached = () => never<boolean>();
  const { auth, errors } = makeAuth({ password: { hasher: insecureTestHasher(), isBreached } });
  expect(await endingOf(auth.signup(right, CLIENT), { hangs })).toBe("fulfilled");
  expect(errors).toEqual([
    expect.objectContaining({ cause: "password.isBreached gave no answer within 5000 ms." }),
  ]);
});

test("a limiter that hangs lets no attempt pass", async () => {
  const { never, hangs } = silent();
  const rateLimiter: RateLimiter = { consume: never, refund: never };
  const { auth } = makeAuth({ rateLimiter });
  expect(await endingOf(auth.login(right, CLIENT), { hangs })).toBe("unavailable");
});

test("a hasher that hangs gives its place free", async () => {
  const { never, hangs } = silent();
  let answers = false;
  const inner = insecureTestHasher();
  const verify = (...args: [string, string]) => (answers ? inner.verify(...args) : never<boolean>());
  const { auth } = makeAuth({ password: { hasher: { ...inner, verify }, hashing: { concurrency: 1 } } });
  await auth.signup(right, CLIENT);
  expect(await endingOf(auth.login(right, CLIENT), { hangs, boundMs: 30_000 })).toBe("unavailable");
  answers = true;
  expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
});

test("the bound of a store is its own maxWaitMs, with a head start for its own error", async () => {
  const { never, hangs } = silent();
  const slow = interceptStore(makeAuth().store, () => never<void>());
  const { auth } = makeAuth({ store: { ...slow, maxWaitMs: 1_000 } });
  expect(await endingOf(auth.login(right, CLIENT), { hangs, boundMs: 1_250 })).toBe("unavailable");
});
