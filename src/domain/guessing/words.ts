import type { FindParts, Part } from "./part.ts";

/** The cost of a known word in folded letters, or `undefined`. */
export type CostOfWord = (letters: string) => number | undefined;

const SHORTEST = 3;
const LONGEST = 24;
const REVERSED = 0.5;
const REPLACED = 0.3;

/** Known words, forward and backward, in any case and with common substitutions. */
export function wordParts(costOf: CostOfWord): FindParts {
  return ({ letters, backward, replaced }, from) => {
    const parts: Part[] = [];
    for (let end = from + SHORTEST; end <= Math.min(letters.length, from + LONGEST); end++) {
      const cost = costOf(letters.slice(from, end)) ?? costOfReversed(costOf, backward, [from, end]);
      if (cost === undefined) continue;
      parts.push({ end, cost: replaced.slice(from, end).includes(true) ? cost + REPLACED : cost });
    }
    return parts;
  };
}

function costOfReversed(
  costOf: CostOfWord,
  backward: string,
  [from, end]: readonly [number, number],
): number | undefined {
  const cost = costOf(backward.slice(backward.length - end, backward.length - from));
  return cost === undefined ? undefined : cost + REVERSED;
}
