import { misconfigured } from "../../errors.ts";
import { countAttempt, refundAttempt } from "../../lib/attempt-counter.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { systemClock } from "../../lib/system-clock.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RateLimiter, RateRule, RateVerdict } from "../../ports/rate-limiter.ts";
import { type CounterTable, counterTable } from "./counter-table.ts";

const MAX_KEYS = 60_000;

export interface MemoryRateLimiterOptions {
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** The most counters with one key each, for each length of window. Default 60,000. */
  readonly maxKeys?: number | undefined;
}

/**
 * A rate limiter in this process. In any span of a rule's window it allows at most the rule's points.
 *
 * It holds at most `maxKeys` counters for each length of window, and deletes only counters that are free
 * again. So a flood of new keys cannot erase a live counter. While a table is full, new keys share 4,096
 * counters: those can refuse more, never less.
 *
 * @example
 * ```ts
 * import { createAuth, memoryRateLimiter, memoryStore } from "sallyport";
 *
 * const auth = createAuth({
 *   secret: process.env["AUTH_SECRET"],
 *   store: memoryStore(),
 *   rateLimiter: memoryRateLimiter({ maxKeys: 10_000 }),
 * });
 * ```
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const problem = optionsProblem(options, ["clock", "maxKeys"]);
  if (problem) throw misconfigured(`memoryRateLimiter: ${problem}`);
  const { clock = systemClock, maxKeys = MAX_KEYS } = options;
  if (!Number.isSafeInteger(maxKeys) || maxKeys < 1)
    throw misconfigured("memoryRateLimiter: maxKeys: must be 1 or more");
  if (typeof clock?.now !== "function")
    throw misconfigured("memoryRateLimiter: clock: must be an object with now");
  // One table for each window: keys that stay for a day must not take the room of those that stay a minute.
  const tables = new Map<number, CounterTable>();
  const tableFor = ({ windowMs }: RateRule): CounterTable => {
    const table = tables.get(windowMs) ?? counterTable({ windowMs, maxKeys });
    tables.set(windowMs, table);
    return table;
  };

  return Object.freeze({
    async consume(key: string, rule: RateRule): Promise<RateVerdict> {
      const now = timeOf(clock);
      const table = tableFor(rule);
      table.deleteFree(now);
      const name = nameOf(key, rule);
      const own = table.own(name);
      if (!own) return countAttempt(table.shared(name, now) ?? table.create(name), rule, now);
      const verdict = countAttempt(own, rule, now);
      if (verdict.allowed) table.moveToEnd(name, own);
      return verdict;
    },
    async refund(key: string, rule: RateRule): Promise<void> {
      const table = tableFor(rule);
      const name = nameOf(key, rule);
      const own = table.own(name);
      const counter = own ?? table.shared(name, timeOf(clock));
      if (counter) refundAttempt(counter);
      // A counter refunded to zero is deleted to free its slot.
      if (own && own.used + own.carried === 0) table.delete(name);
    },
  });
}

// An invalid time ends no window and begins none: every attempt would count as the first.
function timeOf(clock: Clock): number {
  const now = clock.now().getTime();
  if (Number.isNaN(now)) throw new TypeError("The clock does not tell the time");
  return now;
}

function nameOf(key: string, { points }: RateRule): string {
  return `${points}:${key}`;
}
