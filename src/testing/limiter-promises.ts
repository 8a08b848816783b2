import type { RateLimiter, RateRule, RateVerdict } from "../ports/rate-limiter.ts";

export interface LimiterUnderTest {
  readonly limiter: RateLimiter;
  /** Lets time pass for the limiter: on its fake clock, or by waiting. */
  advance(ms: number): void | Promise<void>;
}

/** By name, what a limiter proves. */
export type Promises = Readonly<Record<string, (subject: LimiterUnderTest) => Promise<void>>>;

export const CALLERS = 50;
export const RULE: RateRule = { points: 5, windowMs: 1000 };

/** Answers the last verdict. */
export async function spend(limiter: RateLimiter, key: string, times: number): Promise<RateVerdict> {
  let verdict = await limiter.consume(key, RULE);
  for (let spent = 1; spent < times; spent++) verdict = await limiter.consume(key, RULE);
  return verdict;
}
