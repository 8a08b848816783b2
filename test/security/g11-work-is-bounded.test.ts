// Classes: unbounded hashing, normalising and parsing (Django CVE-2013-1443, CVE-2025-27556), stored
// parameters obeyed, caches without an end.
import { memoryRateLimiter } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import { poolHasher } from "../../src/kit/hash-pool.ts";
import { boundedCache } from "../../src/lib/bounded-cache.ts";
import { countingHasher } from "../support/counting-hasher.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, strangers, tally, times } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

test("a flood of 500 logins keeps at most the configured hashes in flight, and is told so beyond the queue", async () => {
  // No hash ends before everybody has come: a database lets them in a few at a time.
  const full = Promise.withResolvers<void>();
  const counting = countingHasher(() => full.promise);
  const hashing = { concurrency: 3, queue: 100 };
  const { auth, sink } = makeAuth({ password: { hasher: counting.hasher, hashing } });
  const stranger = strangers();
  let refused = 0;
  const logins = times(500, (index) =>
    auth.login({ email: `user${index}@example.com`, password: "x" }, stranger()).catch((error) => {
      if (++refused === 397) full.resolve();
      throw error;
    }),
  );
  expect(await tally(logins)).toEqual({ invalid_credentials: 103, overloaded: 397 });
  expect(counting.inFlight.most).toBe(3);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.events.filter((event) => event.reason === "overloaded")).toHaveLength(397);

  const error = await Promise.all(
    times(200, () => auth.login({ email: EMAIL, password: "x" }, { ip: null })),
  ).catch((e) => e);
  expect(["overloaded", "rate_limited"]).toContain(error.code);
  expect(error.retryAfterSeconds).toBeGreaterThan(0);
});

test("the pool lives on after hashes that fail", async () => {
  const { hasher } = countingHasher();
  let broken = true;
  const flaky = {
    ...hasher,
    hash: (password: string) => (broken ? Promise.reject(new TypeError("x")) : hasher.hash(password)),
  };
  const { auth } = makeAuth({ password: { hasher: flaky, hashing: { concurrency: 1, queue: 1 } } });
  const stranger = strangers();
  for (const index of times(5, (i) => i)) {
    expect(
      await codeOf(auth.signup({ email: `u${index}@example.com`, password: PASSWORD }, stranger())),
    ).toBe("internal_error");
  }
  broken = false;
  expect(await codeOf(auth.signup({ email: EMAIL, password: PASSWORD }, stranger()))).toBe("fulfilled");
});

test("oversized input costs no query and no hash", async () => {
  const counting = countingHasher();
  const { store, verbs } = countVerbs(makeAuth().store);
  const { auth } = makeAuth({ store, password: { hasher: counting.hasher } });
  const megabytes = "x".repeat(2_000_000);
  const inputs = [
    { email: EMAIL, password: megabytes },
    { email: EMAIL, password: "é".repeat(513) }, // 1,026 bytes
    { email: `${megabytes}@example.com`, password: PASSWORD },
    { email: `a@${"b".repeat(250)}.com`, password: PASSWORD },
    { email: `${"a".repeat(65)}@example.com`, password: PASSWORD },
    { email: EMAIL, password: PASSWORD, more: megabytes },
  ];
  for (const input of inputs) {
    expect(await codeOf(auth.signup(input, CLIENT))).toBe("invalid_input");
    expect(await codeOf(auth.login(input, CLIENT))).toBe("invalid_input");
  }
  for (const token of [megabytes, `${"a".repeat(4096)}.b.c`, ".".repeat(5000)]) {
    expect(await codeOf(auth.verifyToken(token))).toBe("invalid_token");
    expect(await codeOf(auth.logout(token))).toBe("invalid_token");
  }
  expect([verbs, counting.calls]).toEqual([[], []]);
  // The longest there may be is welcome.
  const longest = {
    email: `${"a".repeat(64)}@${"b".repeat(60)}.example`,
    password: `Aa1é${"ö".repeat(509)}z`,
  };
  expect(await codeOf(auth.signup(longest, CLIENT))).toBe("fulfilled");
  expect(await codeOf(auth.login(longest, CLIENT))).toBe("fulfilled");
});

test("the whole password is significant, to its last byte", async () => {
  const { auth } = makeAuth();
  const password = `Aa1${"x".repeat(1020)}`;
  await auth.signup({ email: EMAIL, password: `${password}y` }, CLIENT);
  expect(await codeOf(auth.login({ email: EMAIL, password: `${password}z` }, CLIENT))).toBe(
    "invalid_credentials",
  );
  expect(await codeOf(auth.login({ email: EMAIL, password }, CLIENT))).toBe("invalid_credentials");
  expect(await codeOf(auth.login({ email: EMAIL, password: `${password}y` }, CLIENT))).toBe("fulfilled");
});

test("caches forget what is old, and keep what is used", () => {
  const cache = boundedCache<number>(1000);
  cache.set("warm", 1);
  for (const index of times(100_000, (i) => i)) {
    cache.set(`key ${index}`, index);
    if (index % 100 === 0) expect(cache.get("warm")).toBe(1);
  }
  const kept = times(100_000, (index) => cache.get(`key ${index}`)).filter((value) => value !== undefined);
  expect(kept.length).toBeLessThanOrEqual(1000);
});

test("a session list and an event page are bounded, whatever is stored", async () => {
  const { auth, clock } = makeAuth({
    session: { max: 5 },
    limits: { login: { address: false, account: false } },
  });
  const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  let token = accessToken;
  for (const _ of times(30, (i) => i)) {
    clock.advance("1s");
    const result = await auth.login({ email: EMAIL, password: PASSWORD }, CLIENT);
    if (result.status === "signed_in") token = result.accessToken;
  }
  expect(await auth.sessions.list(token)).toHaveLength(5);
  expect((await auth.events.list(token)).events).toHaveLength(20);
});

test("a limiter under 60,000 keys stays within its table", async () => {
  const limiter = memoryRateLimiter({ clock: fakeClock(), maxKeys: 10_000 });
  const rule = { points: 5, windowMs: 60_000 };
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 60_000; index++) await limiter.consume(`key ${index}`, rule);
  expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(64);
});

test("who waits for a hash is served in the order of asking", async () => {
  const { hasher } = countingHasher(() => new Promise((resolve) => setImmediate(resolve)));
  const pooled = poolHasher(hasher, { concurrency: 1, queue: 10 });
  const served: number[] = [];
  await Promise.all(times(6, (index) => pooled.hash("x").then(() => served.push(index))));
  expect(served).toEqual([0, 1, 2, 3, 4, 5]);
});
