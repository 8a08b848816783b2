import assert from "node:assert/strict";
import type { RateRule, RateVerdict } from "../ports/rate-limiter.ts";
import { CONSUME_ALL } from "./consume-all.ts";
import { CALLERS, type LimiterUnderTest, type Promises, RULE, spend } from "./limiter-promises.ts";

export type { LimiterUnderTest } from "./limiter-promises.ts";

export interface RateLimiterSuiteOptions {
  /** `test` of any runner: `node:test`, vitest, jest. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** A limiter without any counters. */
  readonly makeLimiter: () => LimiterUnderTest | Promise<LimiterUnderTest>;
  /**
   * Whether the limiter promises at most a rule's points in any span of its window. Default `false`: it counts in
   * fixed windows, which allow up to twice the points across the edge of two windows.
   */
  readonly exact?: boolean | undefined;
}

/**
 * Proves the contract of `RateLimiter` for an adapter.
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { memoryRateLimiter } from "sallyport";
 * import { fakeClock, rateLimiterSuite } from "sallyport/testing";
 *
 * rateLimiterSuite({
 *   test,
 *   exact: true,
 *   makeLimiter: () => {
 *     const clock = fakeClock();
 *     return { limiter: memoryRateLimiter({ clock }), advance: (ms) => clock.advance(ms) };
 *   },
 * });
 * ```
 */
export function rateLimiterSuite({ test, makeLimiter, exact = false }: RateLimiterSuiteOptions): void {
  for (const [name, prove] of Object.entries(exact ? { ...ALWAYS, ...EXACT } : ALWAYS)) {
    test(`rate limiter: ${name}`, async () => {
      const subject = await makeLimiter();
      try {
        await prove(subject);
      } finally {
        await subject.limiter.close?.();
      }
    });
  }
}

const PROMISES: Promises = {
  "of 50 parallel callers exactly the rule's points are allowed": async ({ limiter }) => {
    const verdicts = await Promise.all(Array.from({ length: CALLERS }, () => limiter.consume("key", RULE)));
    assert.equal(verdicts.filter((verdict) => verdict.allowed).length, RULE.points);
    const counts = verdicts.map((verdict) => verdict.count).sort((a, b) => a - b);
    assert.deepEqual(
      counts,
      Array.from({ length: CALLERS }, (_, index) => index + 1),
    );
  },
  "every verdict says how long its window lasts": async ({ limiter }) => {
    const { resetMs } = await limiter.consume("key", RULE);
    assert.ok(resetMs > 0 && resetMs <= RULE.windowMs, `resetMs is ${resetMs}`);
  },
  "keys do not share points": async ({ limiter }) => {
    await spend(limiter, "one", RULE.points);
    assert.equal((await limiter.consume("two", RULE)).count, 1);
  },
  "rules do not share points, though they share a key": async ({ limiter }) => {
    await spend(limiter, "key", RULE.points);
    assert.equal((await limiter.consume("key", { points: 7, windowMs: RULE.windowMs })).count, 1);
    assert.equal((await limiter.consume("key", { points: RULE.points, windowMs: 5000 })).count, 1);
  },
  "points come back when the window ends, and not before": async ({ limiter, advance }) => {
    await spend(limiter, "key", RULE.points);
    const refused = await limiter.consume("key", RULE);
    assert.equal(refused.allowed, false);
    await advance(refused.resetMs + 1);
    const fresh = await limiter.consume("key", RULE);
    assert.deepEqual([fresh.allowed, fresh.count], [true, 1]);
  },
  "refused attempts are counted, and do not move the end of the window": async ({ limiter, advance }) => {
    await spend(limiter, "key", RULE.points);
    await advance(RULE.windowMs / 2);
    const refused = await spend(limiter, "key", 10);
    assert.equal(refused.count, RULE.points + 10);
    assert.ok(refused.resetMs <= RULE.windowMs / 2, `resetMs is ${refused.resetMs}`);
  },
  "a refund gives back one point": async ({ limiter }) => {
    await spend(limiter, "key", RULE.points);
    await limiter.refund("key", RULE);
    assert.equal((await limiter.consume("key", RULE)).allowed, true);
    assert.equal((await limiter.consume("key", RULE)).allowed, false);
  },
  "a refund of points that no call spent adds nothing": async ({ limiter }) => {
    await Promise.all(Array.from({ length: CALLERS }, () => limiter.refund("key", RULE)));
    const last = await spend(limiter, "key", RULE.points + 1);
    assert.deepEqual([last.allowed, last.count], [false, RULE.points + 1]);
  },
  "refunds beyond what was spent are worth nothing": async ({ limiter }) => {
    await limiter.consume("key", RULE);
    for (let refunds = 0; refunds < 3; refunds++) await limiter.refund("key", RULE);
    const last = await spend(limiter, "key", RULE.points + 1);
    assert.deepEqual([last.allowed, last.count], [false, RULE.points + 1]);
  },
  "a refund for one rule leaves the others alone": async ({ limiter }) => {
    const other: RateRule = { points: 3, windowMs: 5000 };
    await limiter.consume("key", RULE);
    await limiter.consume("key", other);
    await limiter.refund("key", RULE);
    assert.equal((await limiter.consume("key", other)).count, 2);
  },
};

const ALWAYS: Promises = { ...PROMISES, ...CONSUME_ALL };

/** The promises of an exact limiter, across the edge of two windows. */
const EXACT: Promises = {
  "what is spent at the end of a window is spent at the beginning of the next": async (subject) => {
    const refused = await spendAcrossAnEdge(subject);
    await subject.advance(refused.resetMs + 1);
    assert.equal((await subject.limiter.consume("key", RULE)).allowed, true);
  },
  "a refund gives back what still counts from the window before": async (subject) => {
    await spendAcrossAnEdge(subject);
    await subject.limiter.refund("key", RULE);
    assert.equal((await subject.limiter.consume("key", RULE)).allowed, true);
    assert.equal((await subject.limiter.consume("key", RULE)).allowed, false);
  },
  "a caller who uses half the points is never refused": async ({ limiter, advance }) => {
    for (let attempt = 0; attempt < 6; attempt++) {
      assert.equal((await limiter.consume("key", RULE)).allowed, true);
      await advance(RULE.windowMs / 2);
    }
  },
};

/** One attempt, a burst at the end of its window, and one at the beginning of the next. Answers the last verdict. */
async function spendAcrossAnEdge({ limiter, advance }: LimiterUnderTest): Promise<RateVerdict> {
  await limiter.consume("key", RULE);
  await advance(RULE.windowMs * 0.8);
  await spend(limiter, "key", RULE.points - 1);
  await advance(RULE.windowMs * 0.3);
  const verdicts: RateVerdict[] = [];
  for (let late = 0; late < RULE.points; late++) verdicts.push(await limiter.consume("key", RULE));
  const allowed = verdicts.filter((verdict) => verdict.allowed).length;
  assert.ok(allowed <= 1, `${RULE.points - 1} and ${allowed} were allowed within one window's length`);
  return verdicts.at(-1) as RateVerdict;
}
