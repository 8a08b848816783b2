import type { RateRule } from "../domain/duration.ts";

export type { RateRule } from "../domain/duration.ts";

export interface RateVerdict {
  readonly allowed: boolean;
  /** Attempts that count at this moment, this one and refused ones included. */
  readonly count: number;
  /** Milliseconds until there are points again, or until the window ends while there are. */
  readonly resetMs: number;
  /** The points it was judged by, where they are not the rule's. */
  readonly points?: number | undefined;
  /** Only of a limiter that several processes share, for as long as its outage is not over. */
  readonly fallback?: RateFallback | undefined;
}

export interface RateFallback {
  /** `began`, `lasts`: it was counted in this process alone. `quiet`: by all again, since too short a time to be over. */
  readonly phase: "began" | "lasts" | "quiet";
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
