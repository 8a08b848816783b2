import { hash, randomBytes } from "node:crypto";
import {
  type AttemptCounter,
  countAttempt,
  followClock,
  newCounter,
  refundAttempt,
} from "../../lib/attempt-counter.ts";
import { systemClock } from "../../lib/system-clock.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RateLimiter, RateRule, RateVerdict } from "../../ports/rate-limiter.ts";

const MAX_KEYS = 60_000;
const OVERFLOW_SLOTS = 4096;

export interface MemoryRateLimiterOptions {
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Counters with a key of their own, for each length of window. Default 60,000. */
  readonly maxKeys?: number | undefined;
}

/** The counters of all rules with one window. */
interface Table {
  /** In the order in which they may be forgotten: a Map keeps that of insertion. */
  readonly counters: Map<string, AttemptCounter>;
  readonly overflow: Map<number, AttemptCounter>;
}

/**
 * A rate limiter in this process: in any span of a rule's window at most its points are allowed. It holds at
 * most `maxKeys` counters for each length of window. Only counters that say nothing any more are forgotten,
 * so a flood of new keys cannot erase a live one; while a table is full, new keys share 4,096 counters, which
 * can only refuse more, never less.
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { clock = systemClock, maxKeys = MAX_KEYS } = options;
  // Apart by window: keys that stay for a day must not take the room of those that stay for a minute.
  const tables = new Map<number, Table>();
  const slotOf = keyedSlots();

  const tableFor = ({ windowMs }: RateRule): Table => {
    const table = tables.get(windowMs) ?? { counters: new Map(), overflow: new Map() };
    tables.set(windowMs, table);
    return table;
  };
  /** The live counter that a key without one of its own shares. */
  const shared = ({ overflow }: Table, name: string, now: number): AttemptCounter | undefined => {
    const counter = overflow.size > 0 ? overflow.get(slotOf(name)) : undefined;
    return counter && now < counter.freeAt ? counter : undefined;
  };
  const create = ({ counters, overflow }: Table, name: string): AttemptCounter => {
    const counter = newCounter();
    if (counters.size < maxKeys) counters.set(name, counter);
    else overflow.set(slotOf(name), counter);
    return counter;
  };

  return Object.freeze({
    async consume(key: string, rule: RateRule): Promise<RateVerdict> {
      const now = timeOf(clock);
      const table = tableFor(rule);
      forget(table, now, rule);
      const name = nameOf(key, rule);
      const own = table.counters.get(name);
      if (!own) return countAttempt(shared(table, name, now) ?? create(table, name), rule, now);
      const verdict = countAttempt(own, rule, now);
      if (verdict.allowed) moveToEnd(table, name, own);
      return verdict;
    },
    async refund(key: string, rule: RateRule): Promise<void> {
      const table = tableFor(rule);
      const name = nameOf(key, rule);
      const own = table.counters.get(name);
      const counter = own ?? shared(table, name, timeOf(clock));
      if (counter) refundAttempt(counter);
      // Of an owner who always knew the password nothing is left, and room for others.
      if (own && own.used + own.carried === 0) table.counters.delete(name);
    },
  });
}

/** Keyed: a stranger cannot choose a key that shares the slot of another one. */
function keyedSlots(): (name: string) => number {
  const secret = randomBytes(16).toString("hex");
  return (name) => Number.parseInt(hash("sha256", secret + name).slice(0, 8), 16) % OVERFLOW_SLOTS;
}

// A time that is none would end no window and begin no other: every attempt would be a first one.
function timeOf(clock: Clock): number {
  const now = clock.now().getTime();
  if (Number.isNaN(now)) throw new TypeError("The clock does not tell the time");
  return now;
}

function nameOf(key: string, { points }: RateRule): string {
  return `${points}:${key}`;
}

function forget(table: Table, now: number, { windowMs }: RateRule): void {
  const latest = now + windowMs;
  for (const [name, counter] of table.counters) {
    if (counter.freeAt > latest) {
      // The clock was ahead: without this nothing behind it would be forgotten until it is as late again.
      followClock(counter, latest);
      moveToEnd(table, name, counter);
    } else if (now < counter.freeAt) return;
    else table.counters.delete(name);
  }
}

// What was allowed last is forgotten last.
function moveToEnd({ counters }: Table, name: string, counter: AttemptCounter): void {
  counters.delete(name);
  counters.set(name, counter);
}
