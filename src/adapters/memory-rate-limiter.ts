import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../ports/clock.ts";
import type { RateLimiter, RateRule, RateVerdict } from "../ports/rate-limiter.ts";
import { systemClock } from "./system-clock.ts";

const MAX_KEYS = 100_000;
const OVERFLOW_SLOTS = 4096;

export interface MemoryRateLimiterOptions {
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Counters with a key of their own, for each length of window. Default 100,000. */
  readonly maxKeys?: number | undefined;
}

interface Counter {
  count: number;
  readonly endsAt: number;
}

/** The counters of all rules with one window. A Map keeps the order of insertion: oldest end first. */
interface Table {
  readonly counters: Map<string, Counter>;
  readonly overflow: Map<number, Counter>;
}

/**
 * A rate limiter in this process: fixed windows, at most `maxKeys` counters for each length of window.
 * Only counters whose window has ended are forgotten, so a flood of new keys cannot erase a live one;
 * while a table is full, new keys share 4,096 counters, which can only refuse more, never less.
 *
 * Fixed windows allow up to twice the points across the edge of two windows.
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { clock = systemClock, maxKeys = MAX_KEYS } = options;
  // Apart by window: keys that stay for a day must not take the room of those that stay for a minute.
  const tables = new Map<number, Table>();
  const slotKey = randomBytes(32); // nobody can aim at the slot of somebody else's key

  const tableFor = ({ windowMs }: RateRule): Table => {
    const table = tables.get(windowMs) ?? { counters: new Map(), overflow: new Map() };
    tables.set(windowMs, table);
    return table;
  };
  const find = ({ counters, overflow }: Table, name: string, now: number): Counter | undefined => {
    const counter = counters.get(name) ?? overflow.get(slotOf(slotKey, name));
    return counter && now < counter.endsAt ? counter : undefined;
  };
  const create = ({ counters, overflow }: Table, name: string, endsAt: number): Counter => {
    const counter = { count: 0, endsAt };
    counters.delete(name); // its window has ended: it moves to the end of the order
    if (counters.size < maxKeys) counters.set(name, counter);
    else overflow.set(slotOf(slotKey, name), counter);
    return counter;
  };

  return Object.freeze({
    async consume(key: string, rule: RateRule): Promise<RateVerdict> {
      const now = timeOf(clock);
      const table = tableFor(rule);
      dropEnded(table.counters, now);
      const name = nameOf(key, rule);
      const counter = find(table, name, now) ?? create(table, name, now + rule.windowMs);
      counter.count++;
      return { allowed: counter.count <= rule.points, count: counter.count, resetMs: counter.endsAt - now };
    },
    async refund(key: string, rule: RateRule): Promise<void> {
      const counter = find(tableFor(rule), nameOf(key, rule), timeOf(clock));
      if (counter && counter.count > 0) counter.count--;
    },
  });
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

function dropEnded(counters: Map<string, Counter>, now: number): void {
  for (const [name, counter] of counters) {
    if (now < counter.endsAt) return;
    counters.delete(name);
  }
}

function slotOf(slotKey: Buffer, name: string): number {
  return createHmac("sha256", slotKey).update(name).digest().readUInt16BE() % OVERFLOW_SLOTS;
}
