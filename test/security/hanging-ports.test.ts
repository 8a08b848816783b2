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

const never = <T>(): Promise<T> => new Promise(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How a call ends that hangs until the bound: a moment before it has not ended, and then it has. */
async function endingOf(call: Promise<unknown>, boundMs = BOUND_MS): Promise<string> {
  let ended = "not yet";
  const ending = codeOf(call).then((code) => {
    ended = code;
  });
  for (let turns = 0; turns < 50; turns++) await turn();
  await vi.advanceTimersByTimeAsync(boundMs - 1);
  await turn();
  if (ended !== "not yet") return `${ended}, too early`;
  await vi.advanceTimersByTimeAsync(1);
  for (let turns = 0; turns < 3; turns++) await turn();
  if (ended === "not yet") return ended;
  await ending;
  return ended;
}

/** A store that hangs at its n-th verb from now on. The verbs before it, and those after, work. */
function hangingStore(inner: AuthStore): { store: AuthStore; hangAt(n: number): void; seen: string[] } {
  const seen: string[] = [];
  let countdown = Number.POSITIVE_INFINITY;
  const store = interceptStore(inner, (verb) => {
    if (verb === "commit") return; // no verb: it stands between the library and the store
    seen.push(verb);
    return --countdown === 0 ? never<void>() : undefined;
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
        const ending = await endingOf(call(auth, accessToken, user.id));
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
  const { store, hangAt } = hangingStore(makeAuth().store);
  const { auth } = makeAuth({ store });
  const { accessToken } = await auth.signup(right, CLIENT);
  hangAt(2); // `begin`, after the read
  expect(await endingOf(auth.login(right, CLIENT))).toBe("unavailable");
  const { events } = await auth.events.list(accessToken);
  const told = events.map(({ type, outcome, reason }) => [type, outcome, reason]);
  expect(told).toEqual([
    ["login", "failure", "unavailable"],
    ["signup", "success", null],
  ]);
});

test("a hook userCreated that hangs undoes the signup", async () => {
  const { auth, store } = makeAuth({ hooks: { userCreated: never } });
  expect(await endingOf(auth.signup(right, CLIENT))).toBe("unavailable");
  expect(await store.users.findForLogin(EMAIL)).toBeNull();
});

test("a hook claims that hangs is unavailable, and uses up no refresh token", async () => {
  let hangs = false;
  const claims = () => (hangs ? never<{ role: string }>() : { role: "reader" });
  const { auth, errors } = makeAuth({ hooks: { claims } });
  const { refreshToken } = await auth.signup(right, CLIENT);
  hangs = true;
  expect(await endingOf(auth.login(right, CLIENT))).toBe("unavailable");
  expect(await endingOf(auth.refresh(refreshToken, CLIENT))).toBe("unavailable");
  expect(errors).toContainEqual(
    expect.objectContaining({ cause: "hooks.claims gave no answer within 5000 ms." }),
  );
  hangs = false;
  expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
});

test("a breach service that hangs counts as no, and the operator is told", async () => {
  const hasher = insecureTestHasher();
  const { auth, errors } = makeAuth({ password: { hasher, isBreached: () => never<boolean>() } });
  expect(await endingOf(auth.signup(right, CLIENT))).toBe("fulfilled");
  expect(errors).toEqual([
    expect.objectContaining({ cause: "password.isBreached gave no answer within 5000 ms." }),
  ]);
});

test("a limiter that hangs lets no attempt pass", async () => {
  const rateLimiter: RateLimiter = { consume: never, refund: never };
  const { auth } = makeAuth({ rateLimiter });
  expect(await endingOf(auth.login(right, CLIENT))).toBe("unavailable");
});

test("a hasher that hangs gives its place free", async () => {
  let hangs = true;
  const inner = insecureTestHasher();
  const hasher = {
    ...inner,
    verify: (...args: [string, string]) => (hangs ? never<boolean>() : inner.verify(...args)),
  };
  const { auth } = makeAuth({ password: { hasher, hashing: { concurrency: 1 } } });
  await auth.signup(right, CLIENT);
  const hanging = auth.login(right, CLIENT);
  const waiting = codeOf(auth.login(right, CLIENT));
  expect(await endingOf(hanging, 30_000)).toBe("unavailable");
  hangs = false;
  await vi.advanceTimersByTimeAsync(30_000);
  await waiting;
  expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
});

test("the bound of a store is its own maxWaitMs, with a head start for its own error", async () => {
  const slow = interceptStore(makeAuth().store, never);
  const { auth } = makeAuth({ store: { ...slow, maxWaitMs: 1_000 } });
  expect(await endingOf(auth.login(right, CLIENT), 1_250)).toBe("unavailable");
});
