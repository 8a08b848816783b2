import { randomInt } from "node:crypto";
import { type AttemptCounter, followClock, newCounter } from "../../lib/attempt-counter.ts";
import { slotHash } from "../../lib/slot-hash.ts";

const SHARED_SLOTS = 4096;

/** The counters of all rules with windows of one length. */
export interface CounterTable {
  own(name: string): AttemptCounter | undefined;
  /** The live counter that a name without one of its own shares with others. */
  shared(name: string, now: number): AttemptCounter | undefined;
  /** A counter of its own while there is room, a shared one after that. */
  create(name: string): AttemptCounter;
  /** Marks the counter as allowed last: it is deleted last. */
  moveToEnd(name: string, counter: AttemptCounter): void;
  delete(name: string): void;
  /** Deletes the counters that are free again. */
  deleteFree(now: number): void;
}

type Counters = Map<string, AttemptCounter>;

/** Times in milliseconds. */
export interface TableSize {
  readonly windowMs: number;
  readonly maxKeys: number;
}

export function counterTable({ windowMs, maxKeys }: TableSize): CounterTable {
  // In the order in which they become free: a Map keeps the order of insertion.
  const counters: Counters = new Map();
  const slots = new Map<number, AttemptCounter>();
  // Keyed: a stranger cannot choose a name that shares the slot of another one.
  const hash = slotHash([randomInt(2 ** 32), randomInt(2 ** 32)]);
  const slotOf = (name: string): number => hash(name) % SHARED_SLOTS;
  return Object.freeze<CounterTable>({
    own: (name) => counters.get(name),
    shared: (name, now) => {
      const counter = slots.size > 0 ? slots.get(slotOf(name)) : undefined;
      return counter && now < counter.freeAt ? counter : undefined;
    },
    create: (name) => {
      const counter = newCounter();
      if (counters.size < maxKeys) counters.set(name, counter);
      else slots.set(slotOf(name), counter);
      return counter;
    },
    moveToEnd: (name, counter) => moveToEnd(counters, name, counter),
    delete: (name) => counters.delete(name),
    deleteFree: (now) => deleteFree(counters, now, windowMs),
  });
}

function moveToEnd(counters: Counters, name: string, counter: AttemptCounter): void {
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
