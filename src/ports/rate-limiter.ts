import type { LimitScope } from "../domain/budget.ts";
import type { RateRule } from "../domain/duration.ts";

export type { LimitScope } from "../domain/budget.ts";
export type { RateRule } from "../domain/duration.ts";

/** A rule, and the kind of the keys that it counts. */
export interface KeyRule extends RateRule {
  /**
   * A limiter with a bounded memory keeps scopes apart: strangers can invent any number of addresses and accounts, but
   * no session and no device. Other limiters can ignore it: keys of different scopes differ, too.
   */
  readonly scope?: LimitScope | undefined;
}

/** An attempt to count: a key under a rule. */
export interface RateAttempt {
  readonly key: string;
  readonly rule: KeyRule;
}

export interface RateVerdict {
  readonly allowed: boolean;
  /** The attempts that count now, with this one and the refused ones. */
  readonly count: number;
  /** Milliseconds until there are points again; while there are points, until the window ends. */
  readonly resetMs: number;
  /** The points that judged, if they are not the rule's: this process counted alone, with its share of them. */
  readonly points?: number | undefined;
  /** The limiter's own note of where it counted. `refund` gets it back. */
  readonly mark?: number | undefined;
}

/** A limiter that several processes share: whether this process counts alone, since their backend fails. */
export interface LimiterOutage {
  readonly phase: "began" | "ended";
  /** The backend's failure, when it began. */
  readonly cause?: unknown;
}

/** It must not throw. */
export type OutageListener = (outage: LimiterOutage) => void;

/** A limiter with a bounded memory: whether new keys of a scope share counters, since its table is full. */
export interface FullTable {
  readonly phase: "began" | "ended";
  /** Null: keys without a scope. */
  readonly scope: LimitScope | null;
  /** The window of the rules that share the table, in milliseconds. */
  readonly windowMs: number;
}

/** It must not throw. */
export type FullTableListener = (table: FullTable) => void;

/**
 * Counts attempts per key and rule: one key under two rules has two counters.
 *
 * `consume` counts before it answers, atomically: of N parallel calls on a new key exactly `rule.points` are
 * allowed. It counts refused calls too, but they do not move the moment of the next points. When it cannot
 * count it throws: it never answers `allowed` for an attempt that it did not count. Its memory is bounded, and
 * a flood of new keys never erases a live counter.
 *
 * A limiter may count in fixed windows, which allow up to twice the points across the edge of two windows.
 * `memoryRateLimiter`, and `flexibleRateLimiter` on Redis, are exact: in any span of `windowMs` they allow at
 * most `points`.
 *
 * `rateLimiterSuite` of `sallyport/testing` proves this for an adapter.
 */
export interface RateLimiter {
  /** A key is `<namespace>:<budget>:<scope>:<id>`. The namespace is that of the application: `limits.namespace`. */
  consume(key: string, rule: KeyRule): Promise<RateVerdict>;
  /**
   * Only of a limiter that saves calls to its backend by it. It counts the attempts in their order, each as `consume`
   * does, and answers a verdict for each that it counted. It counts at least the first one, and none after a refused
   * one. It may stop after any other: the caller calls again for the rest. So the verdicts say all that was counted.
   * It throws if it could not count the first one.
   *
   * A limiter around this one wraps both calls, or has `consume` alone. Without `consumeAll`, each attempt is a call
   * of `consume`.
   */
  consumeAll?(attempts: readonly RateAttempt[]): Promise<readonly RateVerdict[]>;
  /**
   * Gives one spent point of the current window back, if there is one. `of` is the verdict of the refunded
   * attempt: it says where the attempt was counted.
   */
  refund(key: string, rule: KeyRule, of?: RateVerdict): Promise<void>;
  /**
   * Only of a shared limiter: adds a listener. It is told of each outage once when it begins and once when it ends,
   * before the call that noticed the change answers. The result removes the listener.
   */
  onOutage?(listener: OutageListener): () => void;
  /** Only of a limiter with tables in this process: adds a listener in the same way. It is told of each full table. */
  onFullTable?(listener: FullTableListener): () => void;
  close?(): Promise<void>;
}

/** A limiter that has `consumeAll`. */
export type OrderlyLimiter = RateLimiter & Required<Pick<RateLimiter, "consumeAll">>;
