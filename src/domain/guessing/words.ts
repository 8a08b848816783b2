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
      const reversed = backward.slice(letters.length - end, letters.length - from);
      const cost = eitherWay(costOf, letters.slice(from, end), reversed);
      if (cost === undefined) continue;
      parts.push({ end, cost: replaced.slice(from, end).includes(true) ? cost + REPLACED : cost });
    }
    return parts;
  };
}

function eitherWay(costOf: CostOfWord, word: string, reversed: string): number | undefined {
  const forward = costOf(word);
  if (forward !== undefined) return forward;
  const backward = costOf(reversed);
  return backward === undefined ? undefined : backward + REVERSED;
}
