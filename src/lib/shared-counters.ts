import type { Verdict, WindowRule } from "./attempt-counter.ts";
import { FIRST_MARK, type PaneCounts, paneCounts } from "./pane-counts.ts";

/** Two independent keyed hashes of a name: names that meet in one row seldom meet in the other. 32 bits each. */
export type NameHashes = readonly [first: number, second: number];

export interface SharedRule extends WindowRule {
  /** The slots in each of the two rows. */
  readonly slots: number;
}

interface SharedVerdict extends Verdict {
  /** Where the attempt counts. `refund` needs it: without it, a refund could take the count of another name. */
  readonly mark: number;
}

/**
 * The counters of one rule for names without a counter of their own. A name counts in one slot of each of two rows, and
 * the smaller count decides (count-min sketch: Cormode and Muthukrishnan, 2005). Both slots hold every attempt of the
 * name, so no name ever passes more often than its rule. Other names may share a slot, so a name may pass less often.
 */
export interface SharedCounters {
  /** Whether an attempt of this name may still count here. */
  holds(name: NameHashes, now: number): boolean;
  count(name: NameHashes, now: number): SharedVerdict;
  refund(name: NameHashes, mark: number, now: number): void;
  /** Frees the memory when no attempt counts here any more. */
  freeUnused(now: number): void;
  /** Whether it has memory. It has none until the first count. */
  isUsed(): boolean;
}

interface Memory {
  readonly panes: PaneCounts;
  /** The refused attempts of each slot of the first row since it last had points. */
  readonly refused: Uint32Array;
}

export function sharedCounters(rule: SharedRule): SharedCounters {
  const { slots } = rule;
  let memory: Memory | null = null;
  let firstMark = FIRST_MARK;
  const slotsOf = ([first, second]: NameHashes): Slots => [first % slots, slots + (second % slots)];
  const allocate = (now: number): Memory => ({
    panes: paneCounts({ ...rule, slots: 2 * slots, firstMark }, now),
    refused: new Uint32Array(slots),
  });
  const panesAt = (now: number): PaneCounts | undefined => {
    memory?.panes.advance(now);
    return memory?.panes;
  };

  return Object.freeze<SharedCounters>({
    holds(name, now) {
      const panes = panesAt(now);
      return panes !== undefined && slotsOf(name).every((slot) => panes.sum(slot) > 0);
    },
    count(name, now) {
      memory ??= allocate(now);
      memory.panes.advance(now);
      return countIn(memory, slotsOf(name), { rule, now });
    },
    refund: (name, mark, now) => panesAt(now)?.subtract(slotsOf(name), mark),
    freeUnused(now) {
      const panes = panesAt(now);
      if (!panes?.isEmpty()) return;
      firstMark = panes.nextMark();
      memory = null;
    },
    isUsed: () => memory !== null,
  });
}

type Slots = readonly [first: number, second: number];

interface Moment {
  readonly rule: SharedRule;
  readonly now: number;
}

function countIn({ panes, refused }: Memory, slots: Slots, { rule, now }: Moment): SharedVerdict {
  const { points, windowMs } = rule;
  const sums = slots.map(panes.sum);
  const spent = Math.min(...sums);
  const [slot] = slots;
  if ((sums[0] as number) < points) refused[slot] = 0;
  if (spent < points) {
    const mark = panes.add(slots);
    return { allowed: true, count: spent + 1, resetMs: windowMs, mark };
  }
  const late = (refused[slot] as number) + 1;
  refused[slot] = late;
  const resetMs = Math.min(...slots.map((each) => panes.msUntilBelow(each, now)));
  return { allowed: false, count: points + late, resetMs, mark: 0 };
}
