// What a shared limiter does while its backend is away is recorded: when it began to count alone, and when
// that ended.
import { memoryStore, type OutageListener, type RateLimiter } from "sallyport";
import { expect, test } from "vitest";
import { outageWatch } from "../../src/adapters/flexible/outage-watch.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, times } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const wrong = { email: EMAIL, password: "Wrong1password" };
const cause = new TypeError("redis is away");

/** A limiter that passes everything. Its backend is away at the turns that say so. */
function limiterWith(turns: (boolean | undefined)[]): RateLimiter {
  let now = 0;
  const outage = outageWatch(() => now);
  return {
    consume: async () => {
      now += 10_000;
      if (turns.shift()) outage.failed(cause);
      else outage.succeeded();
      return { allowed: true, count: 1, resetMs: 1000 };
    },
    refund: async () => {},
    onOutage: outage.listen,
  };
}

const oncePerLogin = { limits: { login: { account: false } } } as const;

test("one event when it begins, one when it ends, without an address; onError gets the cause", async () => {
  const rateLimiter = limiterWith([true, true, false]);
  const { auth, sink, errors } = makeAuth({ rateLimiter, ...oncePerLogin });
  for (const _ of times(4, Number))
    expect(await codeOf(auth.login(wrong, CLIENT))).toBe("invalid_credentials");
  await new Promise((resolve) => setImmediate(resolve));
  const told = sink.events.filter(({ type }) => type === "limiter_fallback");
  const noClient = { ip: null, userAgent: null, requestId: null, userId: null, attemptedEmail: null };
  expect(told).toMatchObject([
    { outcome: "failure", reason: "unavailable", ...noClient },
    { outcome: "success", reason: null, ...noClient },
  ]);
  expect(errors).toEqual([expect.objectContaining({ code: "unavailable", cause })]);
});

test("if its begin cannot be recorded the attempt does not pass, and the next one records it", async () => {
  let away = true;
  const store = interceptStore(makeAuth().store, (verb) => {
    if (away && verb === "events.append") throw new TypeError("the store is away");
  });
  const rateLimiter = limiterWith(times(9, () => true));
  const { auth, sink } = makeAuth({ store, rateLimiter });
  expect(await codeOf(auth.login(wrong, CLIENT))).toBe("unavailable");
  away = false;
  expect(await codeOf(auth.login(wrong, CLIENT))).toBe("invalid_credentials");
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.events.map(({ type }) => type)).toEqual(["limiter_fallback", "login"]);
});

test("an end that the store did not take is recorded with the next attempt, and hides no other outage", async () => {
  let away = false;
  const store = interceptStore(makeAuth().store, (verb) => {
    if (away && verb === "events.append") throw new TypeError("the store is away");
  });
  const { auth, sink } = makeAuth({
    store,
    rateLimiter: limiterWith([true, false, false, true]),
    ...oncePerLogin,
  });
  const login = () => codeOf(auth.login(wrong, CLIENT));
  await login();
  away = true;
  expect(await login()).toBe("unavailable");
  away = false;
  for (const _ of [1, 2]) await login();
  await new Promise((resolve) => setImmediate(resolve));
  const told = sink.events.filter(({ type }) => type === "limiter_fallback");
  expect(told.map(({ outcome }) => outcome)).toEqual(["failure", "success", "failure"]);
});

test("each listener of a limiter is told of its outages, also of one that it comes in the middle of", () => {
  const outage = outageWatch(() => 0);
  const told: string[] = [];
  const listener =
    (name: string): OutageListener =>
    ({ phase }) =>
      void told.push(`${name} ${phase}`);
  outage.listen(listener("first"));
  const stop = outage.listen(listener("gone"));
  stop();
  for (const _ of times(3, Number)) outage.failed(cause);
  outage.listen(listener("late"));
  expect(told).toEqual(["first began", "late began"]);
});

test("an application whose store is closed takes down no other on the same limiter", async () => {
  const rateLimiter = limiterWith(times(20, () => true));
  const first = makeAuth({ rateLimiter, ...oncePerLogin });
  const second = makeAuth({ rateLimiter, ...oncePerLogin });
  const broken = interceptStore(memoryStore(), (verb) => {
    if (verb === "events.append") throw new TypeError("this application's store is down");
  });
  const third = makeAuth({ store: broken, rateLimiter, ...oncePerLogin });
  await first.auth.close();
  expect(await codeOf(third.auth.login(wrong, CLIENT))).toBe("unavailable");
  expect(await codeOf(second.auth.login(wrong, CLIENT))).toBe("invalid_credentials");
  expect((await second.auth.health()).limiter).toBe("up");
  await new Promise((resolve) => setImmediate(resolve));
  expect(second.sink.events.map(({ type }) => type)).toEqual(["limiter_fallback", "login"]);
  expect(first.sink.events).toEqual([]);
});

test("changes that no store takes do not pile up: of 100 the newest 16 are recorded when it is back", async () => {
  let down = true;
  const store = interceptStore(memoryStore(), (verb) => {
    if (down && verb === "events.append") throw new TypeError("the store is down");
  });
  const rateLimiter = limiterWith(times(100, (turn) => turn % 2 === 0));
  const { auth, sink } = makeAuth({ store, rateLimiter, ...oncePerLogin });
  for (const _ of times(100, Number)) expect(await codeOf(auth.login(wrong, CLIENT))).toBe("unavailable");
  down = false;
  await codeOf(auth.login(wrong, CLIENT));
  await new Promise((resolve) => setImmediate(resolve));
  const told = sink.events.filter(({ type }) => type === "limiter_fallback");
  expect(told.map(({ outcome }) => outcome)).toEqual(times(16, (turn) => (turn % 2 ? "success" : "failure")));
});

test("what is refused by a share of the points is recorded and told by that share", async () => {
  let count = 0;
  const rateLimiter: RateLimiter = {
    consume: async () => ({
      allowed: ++count <= 2,
      count,
      resetMs: 1000,
      points: 2,
    }),
    refund: async () => {},
  };
  const { auth, sink } = makeAuth({ rateLimiter, limits: { login: { address: "8/1m", account: false } } });
  const statuses: unknown[] = [];
  const client = { ...CLIENT, onRateLimit: (status: object) => statuses.push(status) };
  for (const _ of times(8, Number)) await codeOf(auth.login(wrong, client));
  await new Promise((resolve) => setImmediate(resolve));
  const refused = sink.events.filter(({ outcome }) => outcome === "refused");
  expect(refused.map(({ data }) => data)).toEqual([3, 4, 8].map((at) => ({ limit: "address", count: at })));
  expect(statuses).toMatchObject([1, 0, 0, 0, 0, 0, 0, 0].map((remaining) => ({ limit: 2, remaining })));
});
