import type { Folded } from "./fold.ts";
import { KEYBOARDS, type Place } from "./keyboards.ts";
import type { FindParts, Part } from "./part.ts";

const SHORTEST = 4;
const START = 2;
const TURN = 0.7;

/** Walks over neighbouring keys: `qwertz`, `zaq12wsx`. */
export const walkParts: FindParts = (text, from) =>
  KEYBOARDS.flatMap((places) => walkFrom(text, from, places));

function walkFrom({ plain }: Folded, from: number, places: ReadonlyMap<string, Place>): readonly Part[] {
  const parts: Part[] = [];
  let cost = START;
  let before: Place | null = null;
  for (let end = from + 1; end < plain.length; end++) {
    const step = stepBetween(places.get(plain[end - 1] as string), places.get(plain[end] as string));
    if (!step || !isShort(step)) break;
    if (before && !isSame(step, before)) cost += TURN;
    before = step;
    parts.push({ end: end + 1, cost });
  }
  return parts.filter(({ end }) => end - from >= SHORTEST);
}

function isShort([columns, rows]: Place): boolean {
  return Math.abs(columns) <= 1 && Math.abs(rows) <= 1;
}

/** How far one place is from another. Null: one of the keys is not on the keyboard. */
export function stepBetween(one: Place | undefined, other: Place | undefined): Place | null {
  return one && other ? [other[0] - one[0], other[1] - one[1]] : null;
}

export function isSame(one: Place, other: Place): boolean {
  return one[0] === other[0] && one[1] === other[1];
}
