import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../ports/clock.ts";
import type { RateLimiter, RateRule, RateVerdict } from "../ports/rate-limiter.ts";
import { systemClock } from "./system-clock.ts";

const MAX_KEYS = 100_000;
const OVERFLOW_SLOTS = 4096;

export interface MemoryRateLimiterOptions {
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Counters with a key of their own, over all rules. Default 100,000. */
  readonly maxKeys?: number | undefined;
}

interface Counter {
  count: number;
  endsAt: number;
}

/** The counters of all rules with one window. A Map keeps the order of insertion: oldest end first. */
interface Table {
  readonly counters: Map<string, Counter>;
  readonly overflow: Map<number, Counter>;
}

/**
 * A rate limiter in this process: fixed windows, at most `maxKeys` counters. Only counters whose window
 * has ended are forgotten, so a flood of new keys cannot erase a live one; while the table is full, new
 * keys share 4,096 counters for each window length, which can only refuse more, never less.
 *
 * Fixed windows allow up to twice the points across the edge of two windows.
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { clock = systemClock, maxKeys = MAX_KEYS } = options;
  const tables = new Map<number, Table>();
  const slotKey = randomBytes(32); // nobody can aim at the slot of somebody else's key
  let size = 0;

  const tableFor = (windowMs: number): Table => {
    const table = tables.get(windowMs) ?? { counters: new Map(), overflow: new Map() };
    tables.set(windowMs, table);
    return table;
  };
  const forgetEnded = (now: number): void => {
    for (const { counters } of tables.values()) size -= dropEnded(counters, now);
  };
  const find = (table: Table, key: string, now: number): Counter | undefined => {
    const counter = table.counters.get(key) ?? table.overflow.get(slotOf(slotKey, key));
    return counter && now < counter.endsAt ? counter : undefined;
  };
  const create = (table: Table, key: string, endsAt: number): Counter => {
    const counter = { count: 0, endsAt };
    if (table.counters.delete(key)) size--; // its window has ended: it moves to the end of the order
    if (size >= maxKeys) table.overflow.set(slotOf(slotKey, key), counter);
    else {
      table.counters.set(key, counter);
      size++;
    }
    return counter;
  };
  const nameOf = (key: string, rule: RateRule): string => `${rule.points}:${key}`;

  return Object.freeze({
    async consume(key: string, rule: RateRule): Promise<RateVerdict> {
      const now = clock.now().getTime();
      const table = tableFor(rule.windowMs);
      const name = nameOf(key, rule);
      forgetEnded(now);
      const counter = find(table, name, now) ?? create(table, name, now + rule.windowMs);
      counter.count++;
      return { allowed: counter.count <= rule.points, count: counter.count, resetMs: counter.endsAt - now };
    },
    async refund(key: string, rule: RateRule): Promise<void> {
      const counter = find(tableFor(rule.windowMs), nameOf(key, rule), clock.now().getTime());
      if (counter && counter.count > 0) counter.count--;
    },
  });
}

function dropEnded(counters: Map<string, Counter>, now: number): number {
  let dropped = 0;
  for (const [key, counter] of counters) {
    if (now < counter.endsAt) break;
    counters.delete(key);
    dropped++;
  }
  return dropped;
}

function slotOf(slotKey: Buffer, key: string): number {
  return createHmac("sha256", slotKey).update(key).digest().readUInt16BE() % OVERFLOW_SLOTS;
}
