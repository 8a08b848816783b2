// What a shared limiter does while its backend is away is recorded: when it began to count alone, and when
// that ended.
import type { RateFallback, RateLimiter } from "sallyport";
import { expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, times } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const wrong = { email: EMAIL, password: "Wrong1password" };

function limiterWith(fallbacks: (RateFallback | undefined)[]): RateLimiter {
  return {
    consume: async () => ({ allowed: true, count: 1, resetMs: 1000, fallback: fallbacks.shift() }),
    refund: async () => {},
  };
}

test("one event where it began, one where it ended, of nobody's address; onError gets the cause", async () => {
  const cause = new TypeError("redis is away");
  const rateLimiter = limiterWith([
    { phase: "began", cause },
    { phase: "lasts" },
    { phase: "lasts" },
    { phase: "quiet" },
  ]);
  const { auth, sink, errors } = makeAuth({ rateLimiter });
  for (const _ of [1, 2]) expect(await codeOf(auth.login(wrong, CLIENT))).toBe("invalid_credentials");
  await new Promise((resolve) => setImmediate(resolve));
  const told = sink.events.filter(({ type }) => type === "limiter_fallback");
  const nobody = { ip: null, userAgent: null, requestId: null, userId: null, attemptedEmail: null };
  expect(told).toMatchObject([
    { outcome: "failure", reason: "unavailable", ...nobody },
    { outcome: "success", reason: null, ...nobody },
  ]);
  expect(errors).toEqual([expect.objectContaining({ code: "unavailable", cause })]);
});

test("where that cannot be recorded the attempt does not pass, and the next one records it", async () => {
  let away = true;
  const store = interceptStore(makeAuth().store, (verb) => {
    if (away && verb === "events.append") throw new TypeError("the store is away");
  });
  const lasts = times(9, () => ({ phase: "lasts" as const }));
  const { auth, sink } = makeAuth({ store, rateLimiter: limiterWith([{ phase: "began" }, ...lasts]) });
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
  const address = { limits: { login: { account: false } } } as const; // one count for each login
  const turns = [{ phase: "began" as const }, undefined, undefined, { phase: "began" as const }];
  const { auth, sink } = makeAuth({ store, rateLimiter: limiterWith(turns), ...address });
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

test("what is refused by a share of the points is recorded and told by that share", async () => {
  let count = 0;
  const rateLimiter: RateLimiter = {
    consume: async () => ({
      allowed: ++count <= 2,
      count,
      resetMs: 1000,
      points: 2,
      fallback: { phase: "lasts" },
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
