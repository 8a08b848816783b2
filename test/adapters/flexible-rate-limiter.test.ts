import { isAuthError } from "sallyport";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { times } from "../support/harness.ts";
import { COUNTED, HANGS, stubBackend } from "../support/stub-backend.ts";

const rule = { points: 8, windowMs: 60_000 };

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** How a call ends, and after how long. */
async function outcomeOf(call: Promise<unknown>): Promise<readonly [end: unknown, ms: number]> {
  const began = performance.now();
  return call.then(
    (value) => [value, performance.now() - began],
    (error) => [nameOf(error), performance.now() - began],
  );
}

function nameOf(error: unknown): unknown {
  if (isAuthError(error)) return error.code;
  return error instanceof DOMException ? error.name : error;
}

test("whoever asks a backend that hangs gets an answer in time, and does not pass", async () => {
  const { Backend } = stubBackend(HANGS);
  const limiter = flexibleRateLimiter(Backend, {}, { timeoutMs: 300 });
  const outcomes = Promise.all([limiter.consume("key", rule), limiter.refund("key", rule)].map(outcomeOf));
  await vi.advanceTimersByTimeAsync(300);
  expect(await outcomes).toEqual(times(2, () => ["TimeoutError", 300]));
});

test("what a backend answers too late counts for nothing, and breaks nothing", async () => {
  const { Backend } = stubBackend(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    throw new TypeError("too late to be caught");
  });
  const outcome = outcomeOf(flexibleRateLimiter(Backend, {}).consume("key", rule));
  await vi.advanceTimersByTimeAsync(5000);
  expect(await outcome).toEqual(["TimeoutError", 1000]);
});

test("after five failures in a row one call a second asks, and the others end at once, told why", async () => {
  const failure = new TypeError("connect ECONNREFUSED");
  const { Backend, asked } = stubBackend(async () => {
    throw failure;
  });
  const limiter = flexibleRateLimiter(Backend, {});
  for (const _ of times(5, Number)) await expect(limiter.consume("key", rule)).rejects.toBe(failure);
  for (const _ of times(100, Number)) {
    await expect(limiter.consume("key", rule)).rejects.toMatchObject({ code: "unavailable", cause: failure });
  }
  expect(asked).toHaveLength(5);
  for (const second of times(3, Number)) {
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all(times(10, () => limiter.consume("key", rule).catch(() => {})));
    expect(asked).toHaveLength(6 + second);
  }
});

test("while one call tries whether a backend still hangs, no other joins it", async () => {
  const { Backend, asked } = stubBackend(HANGS);
  const limiter = flexibleRateLimiter(Backend, {});
  const ask = (): Promise<void> => limiter.consume("key", rule).then(Object, () => {});
  for (const _ of times(1000, Number)) {
    void ask();
    await vi.advanceTimersByTimeAsync(10);
  }
  // A hundred in the second before the first has failed, then one in two seconds.
  expect(asked.length).toBeLessThanOrEqual(110);
});

test("the first answer of a backend ends its outage for everybody", async () => {
  let fails = true;
  const { Backend } = stubBackend(async () => {
    if (fails) throw new TypeError("connect ECONNREFUSED");
    return COUNTED;
  });
  const limiter = flexibleRateLimiter(Backend, {});
  for (const _ of times(20, Number)) await limiter.consume("key", rule).catch(() => {});
  fails = false;
  await vi.advanceTimersByTimeAsync(1000);
  const verdicts = [];
  for (const _ of times(20, Number)) verdicts.push(await limiter.consume("key", rule));
  expect(verdicts.every(({ allowed }) => allowed)).toBe(true);
});

test("a flood of refusals is no outage", async () => {
  const { Backend, asked } = stubBackend(() => Promise.reject({ consumedPoints: 9, msBeforeNext: 100 }));
  const limiter = flexibleRateLimiter(Backend, {});
  for (const _ of times(20, Number)) {
    expect(await limiter.consume("key", rule)).toEqual({ allowed: false, count: 9, resetMs: 100 });
  }
  expect(asked).toHaveLength(20);
});

test("who is rejected does not pass, whatever count comes with it", async () => {
  const { Backend } = stubBackend(() => Promise.reject({ consumedPoints: 0, msBeforeNext: 100 }));
  expect(await flexibleRateLimiter(Backend, {}).consume("key", rule)).toMatchObject({ allowed: false });
});

test.for([
  undefined,
  null,
  {},
  { consumedPoints: Number.NaN, msBeforeNext: 1 },
  { consumedPoints: null, msBeforeNext: 1 },
  { consumedPoints: "1", msBeforeNext: 1 },
])("an answer without a count lets nobody pass: %j", async (answer) => {
  const { Backend } = stubBackend(async () => answer as never);
  await expect(flexibleRateLimiter(Backend, {}).consume("key", rule)).rejects.toThrow(TypeError);
});

test("milliseconds are a number, whatever the client makes of numbers", async () => {
  const { Backend } = stubBackend(async () => ({ consumedPoints: 1, msBeforeNext: "5000" as never }));
  expect((await flexibleRateLimiter(Backend, {}).consume("key", rule)).resetMs).toBe(5000);
});

test("who is told that another process has just made the table looks again, and counts", async () => {
  let made = 0;
  class Backend {
    tableCreated = false;
    constructor(options: { tableCreated?: boolean }, ready?: (error?: Error) => void) {
      this.tableCreated = options.tableCreated ?? false;
      if (!this.tableCreated) ready?.(made++ === 0 ? new TypeError("type already exists") : undefined);
    }
    consume = async () => COUNTED;
    reward = this.consume;
    penalty = this.consume;
  }
  expect(await flexibleRateLimiter(Backend, {}).consume("key", rule)).toMatchObject({ allowed: true });
});

test("a table that cannot be made yet does not end the process, and is made as soon as it can be", async () => {
  let fails = true;
  class Backend {
    tableCreated = false;
    constructor(options: { tableCreated?: boolean }, ready?: (error?: Error) => void) {
      this.tableCreated = options.tableCreated ?? false;
      if (!this.tableCreated)
        setTimeout(() => ready?.(fails ? new TypeError("ECONNREFUSED") : undefined), 10);
    }
    consume = async () => COUNTED;
    reward = this.consume;
    penalty = this.consume;
  }
  const limiter = flexibleRateLimiter(Backend, {});
  await vi.advanceTimersByTimeAsync(100);
  const first = outcomeOf(limiter.consume("key", rule));
  await vi.advanceTimersByTimeAsync(100);
  expect(await first).toEqual([new TypeError("ECONNREFUSED"), 20]); // it looked twice
  fails = false;
  const second = limiter.consume("key", rule);
  await vi.advanceTimersByTimeAsync(100);
  expect(await second).toMatchObject({ allowed: true });
});

test("a table whose making hangs is made anew", async () => {
  let made = 0;
  class Backend {
    tableCreated = false;
    constructor(options: { tableCreated?: boolean }, ready?: () => void) {
      this.tableCreated = options.tableCreated ?? false;
      if (!this.tableCreated && ++made > 1) ready?.();
    }
    consume = async () => COUNTED;
    reward = this.consume;
    penalty = this.consume;
  }
  const limiter = flexibleRateLimiter(Backend, {});
  await vi.advanceTimersByTimeAsync(1000); // the first has hung for as long as anybody waits
  await new Promise((resolve) => setImmediate(resolve));
  expect(await limiter.consume("key", rule)).toMatchObject({ allowed: true });
});

test("no key reaches a backend as it is: each has one length, and no spelling is folded into another", async () => {
  const { Backend, asked } = stubBackend(async () => COUNTED);
  const limiter = flexibleRateLimiter(Backend, {});
  for (const key of ["AbC", "aBc", "abc ", "x".repeat(100_000), "login:address:192.0.2.1"])
    await limiter.consume(key, rule);
  expect(asked).toEqual(times(5, () => expect.stringMatching(/^consume \d+\/\d+s:[0-9a-f]{64}$/)));
  expect(new Set(asked).size).toBe(5);
});
