import type { RateRule } from "../domain/duration.ts";

export type { RateRule } from "../domain/duration.ts";

export interface RateVerdict {
  readonly allowed: boolean;
  /** Attempts that count at this moment, this one and refused ones included. */
  readonly count: number;
  /** Milliseconds until there are points again, or until the window ends while there are. */
  readonly resetMs: number;
  /** The points that judged, if they are not the rule's: this process counted alone, with its share of them. */
  readonly points?: number | undefined;
}

/** A limiter that several processes share: whether this process counts alone, since their backend fails. */
export interface LimiterOutage {
  readonly phase: "began" | "ended";
  /** The backend's failure, when it began. */
  readonly cause?: unknown;
}

/** The call that noticed the change waits for it. If it rejects, the next call tells again. */
export type OutageListener = (outage: LimiterOutage) => Promise<void>;

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
  /** Only of a shared limiter: adds a listener, which hears of each outage once when it begins and once when it ends. */
  onOutage?(listener: OutageListener): void;
  close?(): Promise<void>;
}
