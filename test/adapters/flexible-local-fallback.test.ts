import { type FlexibleRateLimiterOptions, flexibleRateLimiter } from "sallyport/rate-limiter";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RateLimiter, RateVerdict } from "../../src/ports/rate-limiter.ts";
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

test("verdicts say why it began, that it lasts, and that it is quiet, until there is nothing to say", async () => {
  const { backend, spend } = switched();
  const fallbacks = async (attempts: number) => (await spend(attempts)).map(({ fallback }) => fallback);
  const [began, lasts, quiet] = [{ phase: "began", cause: refused }, { phase: "lasts" }, { phase: "quiet" }];
  expect(await fallbacks(3)).toEqual([began, lasts, lasts]);
  backend.fails = false;
  await vi.advanceTimersByTimeAsync(9999);
  expect(await fallbacks(2)).toEqual([quiet, quiet]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await fallbacks(2)).toEqual([undefined, undefined]);
  backend.fails = true;
  expect(await fallbacks(1)).toEqual([began]);
});

test("a backend that fails now and then is one outage, not many", async () => {
  const { backend, spend } = switched();
  const phases: (string | undefined)[] = [];
  for (const second of times(60, Number)) {
    backend.fails = second % 5 === 0;
    phases.push(...(await spend(1)).map(({ fallback }) => fallback?.phase));
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(phases.filter((phase) => phase === "began")).toHaveLength(1);
  expect(phases).not.toContain(undefined);
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
