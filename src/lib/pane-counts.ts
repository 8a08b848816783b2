import type { WindowRule } from "./attempt-counter.ts";

/** The panes of a window. The current pane is one more: a window seldom begins where a pane does. */
const PANES = 5;
const RING = PANES + 1;

/** The mark of the first pane: those before it have marks, too. */
export const FIRST_MARK: number = RING;

/**
 * Counts of attempts in numbered slots, for one rule. Time is cut into panes of a fifth of the window, and each slot
 * has a count for each of the last six panes. So an attempt counts for at least a window, and for at most a fifth
 * longer. All slots together are one array: a slot takes 6 bytes if the rule has at most 255 points.
 */
export interface PaneCounts {
  /** Drops what is older than the window. Call it before the other calls. */
  advance(now: number): void;
  /** The attempts of a slot that still count. */
  sum(slot: number): number;
  /** Counts an attempt in each of these slots. Its result is the mark for `subtract`. */
  add(slots: readonly number[]): number;
  /** Takes an attempt out of the slots and the pane in which it was counted, if it still counts. */
  subtract(slots: readonly number[], mark: number): void;
  /** The milliseconds until the slot has less than the rule's points. */
  msUntilBelow(slot: number, now: number): number;
  /** Whether no attempt counts any more. */
  isEmpty(): boolean;
  /** The first mark that a later `PaneCounts` in place of this one may give. */
  nextMark(): number;
}

export interface PaneRule extends WindowRule {
  readonly slots: number;
  /** The first mark, at least `FIRST_MARK`. Older marks are ignored. */
  readonly firstMark: number;
}

type Counts = Uint8Array | Uint16Array | Uint32Array;

export function paneCounts(rule: PaneRule, now: number): PaneCounts {
  const { points, slots, firstMark } = rule;
  const paneMs = Math.ceil(rule.windowMs / PANES);
  const counts = arrayFor(points, slots * RING);
  // A full count stays full until its pane ends. It is at least the points, so the slot is used up anyway.
  const full = fullOf(counts);
  let turn = firstMark;
  let pane = Math.floor(now / paneMs);
  let lastAdded = firstMark;
  const at = (slot: number, mark: number): number => slot * RING + (mark % RING);

  return Object.freeze<PaneCounts>({
    advance(time) {
      const passed = panesBetween(pane, Math.floor(time / paneMs));
      pane += passed;
      for (let step = Math.max(passed - RING, 0); step < passed; step++) clearPane(counts, turn + step + 1);
      turn += Math.max(passed, 0);
    },
    sum: (slot) => sumOf(counts, slot),
    add(each) {
      for (const slot of each) changeBy(counts, at(slot, turn), { by: 1, full });
      lastAdded = turn;
      return turn;
    },
    subtract(each, mark) {
      for (const slot of turn - mark < RING ? each : []) changeBy(counts, at(slot, mark), { by: -1, full });
    },
    msUntilBelow(slot, time) {
      let left = sumOf(counts, slot);
      let age = PANES; // of the oldest pane
      for (; age > 0; age--) {
        left -= countOf(counts, at(slot, turn - age));
        if (left < points) break;
      }
      return (pane - age + RING) * paneMs - time;
    },
    isEmpty: () => turn - lastAdded >= RING,
    nextMark: () => turn + RING,
  });
}

/** A pane that the clock steps back into goes on. A clock that steps back further is believed, and nothing is lost. */
function panesBetween(from: number, to: number): number {
  return to === from - 1 ? 0 : to - from;
}

function arrayFor(points: number, length: number): Counts {
  if (points <= 0xff) return new Uint8Array(length);
  return points <= 0xffff ? new Uint16Array(length) : new Uint32Array(length);
}

function fullOf(counts: Counts): number {
  return 2 ** (counts.BYTES_PER_ELEMENT * 8) - 1;
}

function clearPane(counts: Counts, mark: number): void {
  for (let index = mark % RING; index < counts.length; index += RING) counts[index] = 0;
}

function countOf(counts: Counts, index: number): number {
  return counts[index] as number;
}

function sumOf(counts: Counts, slot: number): number {
  let sum = 0;
  for (let index = slot * RING; index < (slot + 1) * RING; index++) sum += countOf(counts, index);
  return sum;
}

function changeBy(
  counts: Counts,
  index: number,
  { by, full }: { readonly by: 1 | -1; readonly full: number },
): void {
  const count = countOf(counts, index);
  if (count < full && count + by >= 0) counts[index] = count + by;
}
