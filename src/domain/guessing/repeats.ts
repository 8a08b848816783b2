import type { Folded } from "./fold.ts";
import { KEYBOARDS, type Place } from "./keyboards.ts";
import type { Part } from "./part.ts";
import { isSame, stepBetween } from "./walks.ts";

export const LONGEST_BLOCK = 16;
const AGAIN = 0.5;
const FARTHEST = 3;
/** `abc`, `111`: a block of one character is there at least three times. */
const SHORTEST = 3;

/** Where the characters of a text are, in one system. */
type Places = readonly (Place | undefined)[];

/** The systems in which a sequence may be regular: the alphabets, the letters behind substitutions, each keyboard. */
export function systemsOf({ plain, letters }: Folded): readonly Places[] {
  return [
    [...plain].map((character): Place => [character.charCodeAt(0), 0]),
    [...letters].map((character): Place => [character.charCodeAt(0), 0]),
    ...KEYBOARDS.map((places) => [...plain].map((character) => places.get(character))),
  ];
}

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
  const step = stepBetween(places[from], places[from + length]);
  if (!step || Math.max(Math.abs(step[0]), Math.abs(step[1])) > FARTHEST) return from;
  let end = from + length;
  while (end < places.length) {
    const next = stepBetween(places[end - length], places[end]);
    if (!next || !isSame(next, step)) break;
    end++;
  }
  return end;
}
