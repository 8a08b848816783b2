import type { RateRule } from "../domain/duration.ts";

export type { RateRule } from "../domain/duration.ts";

export interface RateVerdict {
  readonly allowed: boolean;
  /** Attempts that count at this moment, this one and refused ones included. */
  readonly count: number;
  /** Milliseconds until there are points again, or until the window ends while there are. */
  readonly resetMs: number;
  /** Only of a limiter that several processes share, when it fell back to counting in this one alone. */
  readonly fallback?: RateFallback | undefined;
}

/** The first and last verdict of a time without the shared backend say so; those between only that it lasts. */
export interface RateFallback {
  readonly phase: "began" | "lasts" | "ended";
  /** What the backend failed with, where it began. */
  readonly cause?: unknown;
}

/**
 * Counts attempts per key.
 *
 * A key is counted per rule: one key under two rules has two counters. `consume` counts before it
 * answers, atomically: of N parallel calls on a fresh key exactly `rule.points` are allowed. Refused
 * calls are counted too, but never move the moment from which there are points again. When it cannot count
 * it throws: it never answers `allowed` for an attempt that was not counted. Memory is bounded, and a flood
 * of new keys never makes it forget a live counter.
 *
 * At the least it counts in fixed windows, which allow up to twice the points across the edge of two.
 * `memoryRateLimiter`, and `flexibleRateLimiter` on Redis, are exact: in any span of `windowMs` at most
 * `points` are allowed.
 */
export interface RateLimiter {
  consume(key: string, rule: RateRule): Promise<RateVerdict>;
  /**
   * Gives one point of the current window back; nothing when there is none. `of` is the verdict of the attempt
   * whose point it was: it says where it was counted.
   */
  refund(key: string, rule: RateRule, of?: RateVerdict): Promise<void>;
  close?(): Promise<void>;
}
