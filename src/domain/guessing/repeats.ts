import { ROW } from "./keyboards.ts";
import type { Part } from "./part.ts";
import type { Places } from "./places.ts";

export const LONGEST_BLOCK = 16;
const AGAIN = 0.5;
const FARTHEST = 3;
/** `abc`, `111`: a block of one character is there at least three times. */
const SHORTEST = 3;

/**
 * The parts that begin with a block and go on with copies of it, each moved by the same step: `abcabc`, `1234`,
 * `1qaz2wsx`, `a1b2c3`. `costs` has the cost of each block from here, by its length.
 */
export function repeatParts(
  systems: readonly Places[],
  from: number,
  costs: readonly number[],
): readonly Part[] {
  const parts: Part[] = [];
  for (let length = 1; length < costs.length; length++) {
    for (const places of systems) {
      const end = endOfCopies(places, from, length);
      if (end - from >= Math.max(2 * length, SHORTEST))
        parts.push({ end, cost: (costs[length] as number) + AGAIN });
    }
  }
  return parts;
}

function endOfCopies(places: Places, from: number, length: number): number {
  const step = (places[from + length] as number) - (places[from] as number);
  let end = from + length;
  if (!isNear(step)) return from;
  while (end < places.length && (places[end] as number) - (places[end - length] as number) === step) end++;
  return end;
}

function isNear(step: number): boolean {
  const rows = Math.round(step / ROW);
  return Math.abs(rows) <= FARTHEST && Math.abs(step - rows * ROW) <= FARTHEST;
}
