import {
  type IRateLimiterOptions,
  RateLimiterCluster,
  RateLimiterMemory,
  RateLimiterMySQL,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRedisNonAtomic,
  RateLimiterSQLite,
  RLWrapperBlackAndWhite,
} from "rate-limiter-flexible";
import { type FlexibleRateLimiterOptions, flexibleRateLimiter } from "sallyport/rate-limiter";
import { expect, test } from "vitest";
import { COUNTED, stubBackend } from "../support/stub-backend.ts";

const { Backend } = stubBackend(async () => COUNTED);

/** What a mistake is answered with, at once. */
function complaintAbout(backendOptions: unknown, options: unknown = {}): unknown {
  try {
    return flexibleRateLimiter(Backend, backendOptions as object, options as FlexibleRateLimiterOptions);
  } catch (error) {
    return error;
  }
}

test.for([
  ["points", 1_000_000],
  ["duration", 1],
  ["blockDuration", 60],
  ["blockOnConsumed", 1000],
  ["execEvenly", true],
  ["execEvenlyMinDelayMs", 10],
  ["inMemoryBlockOnConsumed", 1000],
  ["inMemoryBlockDuration", 1],
  ["insuranceLimiter", new RateLimiterMemory({ points: 1_000_000, duration: 1 })],
  ["customIncrTtlLuaScript", "return {0, 0}"],
] as const)("%s would change what a limit promises, and is refused by name", ([name, value]) => {
  expect(complaintAbout({ [name]: value })).toMatchObject({
    code: "invalid_configuration",
    message: expect.stringContaining(`${name}:`),
  });
});

test.for([
  [{ onUnavailable: "allow" }, "onUnavailable"],
  [{ onUnavailable: null }, "onUnavailable"],
  [{ timeoutMs: 49 }, "timeoutMs"],
  [{ timeoutMs: 1501 }, "timeoutMs"],
  [{ timeoutMs: Number.NaN }, "timeoutMs"],
  [{ timeoutMs: "1000" }, "timeoutMs"],
  [{ onUnavailable: "local", localShare: 0 }, "localShare"],
  [{ onUnavailable: "local", localShare: 1.01 }, "localShare"],
  [{ onUnavailable: "local", localShare: Number.NaN }, "localShare"],
  [{ localShare: 0.5 }, "localShare"],
  [{ failOpen: true }, "failOpen"],
] as const)("%j is refused by name", ([options, name]) => {
  expect(complaintAbout({}, options)).toMatchObject({
    code: "invalid_configuration",
    message: expect.stringContaining(`${name}:`),
  });
});

test("every mistake is named at once", () => {
  const { message } = complaintAbout({ points: 1, blockDuration: 1 }, { timeoutMs: 1, typo: 1 }) as Error;
  for (const name of ["points", "blockDuration", "timeoutMs", "typo"]) expect(message).toContain(`${name}:`);
});

test.for([RateLimiterRedis, RateLimiterPostgres, RateLimiterMySQL, RateLimiterSQLite])(
  "%o without a client is refused at once",
  (Class) => {
    for (const options of [{}, { storeClient: undefined }, { storeClient: null }, undefined]) {
      expect(() => flexibleRateLimiter(Class as typeof RateLimiterRedis, options as never)).toThrow(
        expect.objectContaining({ code: "invalid_configuration" }),
      );
    }
  },
);

test("a class that cannot be used says so before anybody logs in", () => {
  expect(() => flexibleRateLimiter(RateLimiterPostgres, { storeClient: {} })).toThrow(
    expect.objectContaining({ code: "invalid_configuration", message: expect.stringContaining("storeType") }),
  );
});

/** A class whose instances count in one place, as those on one database do. */
function inOnePlace(): typeof RateLimiterMemory {
  const place: object = new RateLimiterMemory({ points: 1, duration: 1 });
  const storage = Object.entries(place).filter(([name]) => name === "_memoryStorage");
  if (storage.length !== 1) throw new TypeError("rate-limiter-flexible keeps its counters elsewhere now");
  return class InOnePlace extends RateLimiterMemory {
    constructor(options: IRateLimiterOptions) {
      super(options);
      Object.assign(this, Object.fromEntries(storage));
    }
  };
}

test("one key under two rules, or with two prefixes, has two counters; with one rule and prefix it has one", async () => {
  const InOnePlace = inOnePlace();
  const limiters = ["a", "b", undefined].map((keyPrefix) =>
    flexibleRateLimiter(InOnePlace, keyPrefix === undefined ? {} : { keyPrefix }),
  );
  const rules = [
    { points: 5, windowMs: 60_000 },
    { points: 6, windowMs: 60_000 },
    { points: 5, windowMs: 61_000 },
  ];
  for (const count of [1, 2])
    for (const limiter of limiters)
      for (const rule of rules) expect((await limiter.consume("key", rule)).count).toBe(count);
  for (const keyPrefix of ["a", "sallyport"]) {
    const [rule] = rules as [(typeof rules)[number]];
    const another = flexibleRateLimiter(InOnePlace, { keyPrefix });
    expect((await another.consume("key", rule)).count).toBe(3);
  }
});

test.each([
  ["RateLimiterRedisNonAtomic", RateLimiterRedisNonAtomic],
  ["RateLimiterMemory", RateLimiterMemory],
  ["RateLimiterClusterWorker", RateLimiterCluster],
  ["RLWrapperBlackAndWhite", RLWrapperBlackAndWhite],
])("%s does not start: it holds no limit for several processes", (name, Backend) => {
  const make = () => flexibleRateLimiter(Backend as never, { storeClient: {} } as never);
  expect(make).toThrow(new RegExp(`${name}: cannot keep a limit`));
});

test("what cannot count, give back and take again does not start", () => {
  class Other {
    readonly consume = () => Promise.reject();
  }
  expect(() => flexibleRateLimiter(Other as never, {})).toThrow(/consume, reward and penalty/);
});
