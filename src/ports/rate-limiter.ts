import type { RateRule } from "../domain/duration.ts";

export type { RateRule } from "../domain/duration.ts";

export interface RateVerdict {
  readonly allowed: boolean;
  /** Attempts in this window, this one and refused ones included. */
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/**
 * Counts attempts per key in fixed windows.
 *
 * A key is counted per rule: one key under two rules has two counters. `consume` counts before it
 * answers, atomically: of N parallel calls on a fresh key exactly `rule.points` are allowed. Refused
 * calls are counted too, but never move the end of the window. When it cannot count it throws: it never
 * answers `allowed` for an attempt that was not counted. Memory is bounded, and a flood of new keys
 * never makes it forget a live counter.
 */
export interface RateLimiter {
  consume(key: string, rule: RateRule): Promise<RateVerdict>;
  /** Gives one point of the current window back; nothing when there is none. */
  refund(key: string, rule: RateRule): Promise<void>;
  close?(): Promise<void>;
}
