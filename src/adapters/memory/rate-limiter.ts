import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { systemClock } from "../../lib/system-clock.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KeyRule, RateLimiter, RateVerdict } from "../../ports/rate-limiter.ts";
import { type CounterTable, counterTable } from "./counter-table.ts";
import { fullTables } from "./full-tables.ts";

const MAX_KEYS = 15_000;
/** How often it looks for memory to free. */
const SWEEP_MS = 1000;

export interface MemoryRateLimiterOptions {
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** The most counters with one key each, for each scope and length of window. Default 15,000. */
  readonly maxKeys?: number | undefined;
}

/**
 * A rate limiter in this process. In any span of a rule's window it allows at most the rule's points.
 *
 * Each scope has a table for each length of window. So a flood of invented accounts takes no room from sessions. A
 * table holds at most `maxKeys` counters, and deletes only counters that are free again. So a flood of new keys cannot
 * erase a live counter. While a table is full, new keys share at least 65,536 counters for each rule: those can refuse
 * more, never less. Then `onFullTable` tells its listeners.
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
  const { clock, maxKeys } = checked(options);
  const tables = new Map<string, CounterTable>();
  const full = fullTables();
  const tableFor = ({ scope, windowMs }: KeyRule): CounterTable => {
    const name = `${scope}/${windowMs}`;
    const table = tables.get(name) ?? counterTable({ scope, windowMs, maxKeys });
    tables.set(name, table);
    return table;
  };
  let sweptAt = Number.NEGATIVE_INFINITY;
  const sweep = (now: number): void => {
    if (Math.abs(now - sweptAt) < SWEEP_MS) return;
    sweptAt = now;
    for (const table of tables.values()) {
      table.freeUnused(now);
      full.note(table);
    }
  };

  return Object.freeze<RateLimiter>({
    async consume(key: string, rule: KeyRule): Promise<RateVerdict> {
      const now = timeOf(clock);
      sweep(now);
      const table = tableFor(rule);
      const verdict = table.count(key, rule, now);
      full.note(table);
      return verdict;
    },
    async refund(key: string, rule: KeyRule, of?: RateVerdict): Promise<void> {
      tableFor(rule).refund(key, rule, { mark: of?.mark, now: timeOf(clock) });
    },
    onFullTable: full.listen,
  });
}

function checked(options: MemoryRateLimiterOptions): { readonly clock: Clock; readonly maxKeys: number } {
  const problem = optionsProblem(options, ["clock", "maxKeys"]);
  if (problem) throw misconfigured(`memoryRateLimiter: ${problem}`);
  const { clock = systemClock, maxKeys = MAX_KEYS } = options;
  if (!Number.isSafeInteger(maxKeys) || maxKeys < 1)
    throw misconfigured("memoryRateLimiter: maxKeys: must be 1 or more");
  if (typeof clock?.now !== "function")
    throw misconfigured("memoryRateLimiter: clock: must be an object with now");
  return { clock, maxKeys };
}

// An invalid time ends no window and begins none: every attempt would count as the first.
function timeOf(clock: Clock): number {
  const now = clock.now().getTime();
  if (Number.isNaN(now)) throw new TypeError("The clock does not tell the time");
  return now;
}
