import { randomInt } from "node:crypto";
import type { LimitScope } from "../../domain/budget.ts";
import {
  type AttemptCounter,
  countAttempt,
  followClock,
  newCounter,
  refundAttempt,
  type WindowRule,
} from "../../lib/attempt-counter.ts";
import { type NameHashes, type SharedCounters, sharedCounters } from "../../lib/shared-counters.ts";
import { slotHash } from "../../lib/slot-hash.ts";
import type { RateVerdict } from "../../ports/rate-limiter.ts";

const HOUR = 3_600_000;
/** In each of two rows. More keys come in a longer window. */
const SHORT_SLOTS = 2 ** 16;
const LONG_SLOTS = 2 ** 18;

/** The counters of one scope, for all rules with windows of one length. */
export interface CounterTable extends Pick<TableSize, "scope" | "windowMs"> {
  count(key: string, rule: WindowRule, now: number): RateVerdict;
  refund(
    key: string,
    rule: WindowRule,
    of: { readonly mark?: number | undefined; readonly now: number },
  ): void;
  /** Drops the counters that are free again, and the shared counters if none of them counts any more. */
  freeUnused(now: number): void;
  /** Whether keys share counters now, since there was no room for a counter of their own. */
  isFull(): boolean;
}

/** By the number of the name: text would take three times the memory. */
type Counters = Map<number, AttemptCounter>;

/** Times in milliseconds. */
export interface TableSize {
  readonly scope: LimitScope | undefined;
  readonly windowMs: number;
  readonly maxKeys: number;
}

export function counterTable({ scope, windowMs, maxKeys }: TableSize): CounterTable {
  // In the order in which they become free: a Map keeps the order of insertion.
  const counters: Counters = new Map();
  // One for each number of points: a rule of many points must not fill the counters of a rule of few.
  const shared = new Map<number, SharedCounters>();
  const hashesOf = nameHashes();
  const sharedOf = ({ points }: WindowRule): SharedCounters => {
    const slots = windowMs < HOUR ? SHORT_SLOTS : LONG_SLOTS;
    const found = shared.get(points) ?? sharedCounters({ points, windowMs, slots });
    shared.set(points, found);
    return found;
  };

  return Object.freeze<CounterTable>({
    scope,
    windowMs,
    count(key, rule, now) {
      deleteFree(counters, now, windowMs);
      const hashes = hashesOf(key, rule);
      const name = numberOf(hashes);
      const own = counters.get(name);
      if (own) return countOwn(counters, name, { own, rule, now });
      // A key that may have counts among the shared counters stays there: alone it would begin again.
      const holder = shared.get(rule.points);
      if (counters.size >= maxKeys || holder?.holds(hashes, now)) return sharedOf(rule).count(hashes, now);
      return countOwn(counters, name, { own: newCounter(), rule, now });
    },
    refund(key, rule, { mark, now }) {
      const hashes = hashesOf(key, rule);
      if (mark !== undefined) shared.get(rule.points)?.refund(hashes, mark, now);
      else refundOwn(counters, numberOf(hashes));
    },
    freeUnused(now) {
      deleteFree(counters, now, windowMs);
      for (const each of shared.values()) each.freeUnused(now);
    },
    isFull: () => shared.size > 0 && [...shared.values()].some((each) => each.isUsed()),
  });
}

/** Hashes of a key and the points of its rule. They are keyed: a stranger cannot choose keys that meet. */
function nameHashes(): (key: string, rule: WindowRule) => NameHashes {
  const [first, second] = [randomHash(), randomHash()];
  return (key, { points }) => {
    const ofPoints = Math.imul(points, 0x9e3779b1); // so that one key under two rules is two names
    return [(first(key) ^ ofPoints) >>> 0, (second(key) ^ ofPoints) >>> 0];
  };
}

function randomHash(): (text: string) => number {
  return slotHash([randomInt(2 ** 32), randomInt(2 ** 32)]);
}

/** 53 bits of both hashes. Two of 15,000 names have one number with a probability of one to 80 million. */
function numberOf([first, second]: NameHashes): number {
  return first * 2 ** 21 + (second >>> 11);
}

interface OwnCount {
  readonly own: AttemptCounter;
  readonly rule: WindowRule;
  readonly now: number;
}

// A refused attempt keeps no counter alive, and the first attempt of a counter is never refused.
function countOwn(counters: Counters, name: number, { own, rule, now }: OwnCount): RateVerdict {
  const verdict = countAttempt(own, rule, now);
  if (verdict.allowed) moveToEnd(counters, name, own);
  return verdict;
}

function refundOwn(counters: Counters, name: number): void {
  const own = counters.get(name);
  if (!own) return;
  refundAttempt(own);
  // A counter refunded to zero is deleted to free its slot.
  if (own.used + own.carried === 0) counters.delete(name);
}

function moveToEnd(counters: Counters, name: number, counter: AttemptCounter): void {
  counters.delete(name);
  counters.set(name, counter);
}

function deleteFree(counters: Counters, now: number, windowMs: number): void {
  const latest = now + windowMs;
  for (const [name, counter] of counters) {
    if (counter.freeAt > latest) {
      // The clock was ahead. Left in its place, this counter would keep all behind it.
      followClock(counter, latest);
      moveToEnd(counters, name, counter);
    } else if (now < counter.freeAt) return;
    else counters.delete(name);
  }
}
