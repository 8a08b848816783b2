import { memoryRateLimiter } from "sallyport";
import { type FlexibleRateLimiterOptions, flexibleRateLimiter } from "sallyport/rate-limiter";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withLocalFallback } from "../../src/adapters/flexible/local-fallback.ts";
import type { LimiterOutage, RateLimiter, RateVerdict } from "../../src/ports/rate-limiter.ts";
import { times } from "../support/harness.ts";
import { COUNTED, HANGS, stubBackend } from "../support/stub-backend.ts";

const rule = { points: 10, windowMs: 3_600_000 };
const refused = new TypeError("connect ECONNREFUSED");

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

interface Switched {
  readonly limiter: RateLimiter;
  readonly backend: { fails: boolean };
  spend(attempts: number): Promise<RateVerdict[]>;
}

/** A limiter that counts alone while its backend fails. */
function switched(options: FlexibleRateLimiterOptions = {}): Switched {
  const backend = { fails: true };
  const { Backend } = stubBackend(async () => {
    if (backend.fails) throw refused;
    return COUNTED;
  });
  const limiter = flexibleRateLimiter(Backend, {}, { onUnavailable: "local", ...options });
  return {
    limiter,
    backend,
    spend: async (attempts) => {
      const verdicts: RateVerdict[] = [];
      while (verdicts.length < attempts) verdicts.push(await limiter.consume("key", rule));
      return verdicts;
    },
  };
}

test.for([
  [undefined, 2],
  [0.5, 5],
  [1, 10],
  [0.001, 1],
] as const)(
  "with a share of %s, %i of ten attempts pass while the backend is away",
  async ([localShare, passing]) => {
    const verdicts = await switched({ localShare }).spend(20);
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(passing);
    expect(new Set(verdicts.map(({ points }) => points))).toEqual(new Set([passing]));
  },
);

test("a listener hears once why an outage began, and once that it ended, ten quiet seconds later", async () => {
  const { limiter, backend, spend } = switched();
  const outages: LimiterOutage[] = [];
  limiter.onOutage?.((outage) => void outages.push(outage));
  const [began, ended] = [{ phase: "began", cause: refused }, { phase: "ended" }];
  await spend(3);
  expect(outages).toEqual([began]);
  backend.fails = false;
  await vi.advanceTimersByTimeAsync(9999);
  await spend(2);
  expect(outages).toEqual([began]);
  await vi.advanceTimersByTimeAsync(1);
  await spend(2);
  expect(outages).toEqual([began, ended]);
  backend.fails = true;
  await spend(1);
  expect(outages).toEqual([began, ended, began]);
});

test("a verdict says by how many points this process judged alone, and nothing else says so", async () => {
  const { backend, spend } = switched();
  expect((await spend(1)).map(({ points }) => points)).toEqual([2]);
  backend.fails = false;
  expect((await spend(1)).map(({ points }) => points)).toEqual([undefined]);
});

test("a backend that fails now and then is one outage, not many", async () => {
  const { limiter, backend, spend } = switched();
  const phases: string[] = [];
  limiter.onOutage?.(({ phase }) => void phases.push(phase));
  for (const second of times(60, Number)) {
    backend.fails = second % 5 === 0;
    await spend(1);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(phases).toEqual(["began"]);
});

test("a point is given back where it was counted", async () => {
  const { limiter, backend, spend } = switched();
  backend.fails = false;
  const [shared] = await spend(1);
  backend.fails = true;
  const [local] = await spend(2);
  // The one that was counted by all is no further guess here.
  await limiter.refund("key", rule, shared);
  expect((await spend(1)).map(({ allowed }) => allowed)).toEqual([false]);
  await limiter.refund("key", rule, local);
  expect((await spend(2)).map(({ allowed }) => allowed)).toEqual([true, false]);
});

test("of several attempts in one call, each counts in one place: here only what could not count there", async () => {
  const asked: string[] = [];
  const limiter = withLocalFallback(
    {
      consume: async () => Promise.reject(refused),
      consumeAll: async (attempts) => {
        asked.push(attempts.map(({ key }) => key).join(" "));
        if (attempts[0]?.key === "lost") throw refused;
        return attempts.slice(0, 1).map(() => ({ allowed: true, count: 7, resetMs: 1 }));
      },
      refund: async () => Promise.reject(refused),
    },
    memoryRateLimiter(),
    0.2,
  );
  const outages: LimiterOutage[] = [];
  limiter.onOutage?.((outage) => void outages.push(outage));
  const all = ["kept", "lost", "another"].map((key) => ({ key, rule }));
  const verdicts: RateVerdict[] = [];
  while (verdicts.length < 3)
    verdicts.push(...((await limiter.consumeAll?.(all.slice(verdicts.length))) ?? []));
  expect(verdicts).toMatchObject([{ count: 7 }, { count: 1, points: 2 }, { count: 7 }]);
  expect(verdicts.map(({ points }) => points)).toEqual([undefined, 2, undefined]);
  expect(asked).toEqual(["kept lost another", "lost another", "another"]);
  expect(outages).toEqual([{ phase: "began", cause: refused }]);
  // The share of two points holds for both calls, and the point that was counted here comes back here.
  expect((await limiter.consume("lost", rule)).allowed).toBe(true);
  expect(await limiter.consumeAll?.(all.slice(1))).toMatchObject([{ allowed: false, count: 3, points: 2 }]);
  await limiter.refund("lost", rule, verdicts[1]);
  expect(await limiter.consumeAll?.(all.slice(1))).toMatchObject([{ allowed: true, count: 2, points: 2 }]);
});

test("a limiter whose backends count one key at a time has no such call", () => {
  expect(switched().limiter.consumeAll).toBeUndefined();
  expect(flexibleRateLimiter(stubBackend(HANGS).Backend, {}).consumeAll).toBeUndefined();
});

test("a login that asks five times waits for a backend that hangs no more than once", async () => {
  const { Backend } = stubBackend(HANGS);
  const limiter = flexibleRateLimiter(Backend, {}, { onUnavailable: "local" });
  const login = async (): Promise<number> => {
    const began = performance.now();
    for (const key of ["address", "account", "account for a day"]) await limiter.consume(key, rule);
    for (const key of ["account", "account for a day"]) await limiter.refund(key, rule);
    return performance.now() - began;
  };
  for (const _ of times(3, Number)) {
    const took = login();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await took).toBe(1000);
  }
});
