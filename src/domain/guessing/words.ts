import type { FindParts, Part } from "./part.ts";

/** The cost of a known word in folded letters, or `undefined`. */
export type CostOfWord = (letters: string) => number | undefined;

const SHORTEST = 3;
const LONGEST = 24;
const REVERSED = 0.5;
const REPLACED = 0.3;

/** Known words, forward and backward, in any case and with common substitutions. */
export function wordParts(costOf: CostOfWord): FindParts {
  return ({ letters, replaced }, from) => {
    const parts: Part[] = [];
    for (let end = from + SHORTEST; end <= Math.min(letters.length, from + LONGEST); end++) {
      const cost = eitherWay(costOf, letters.slice(from, end));
      if (cost === undefined) continue;
      parts.push({ end, cost: replaced.slice(from, end).includes(true) ? cost + REPLACED : cost });
    }
    return parts;
  };
}

function eitherWay(costOf: CostOfWord, word: string): number | undefined {
  const forward = costOf(word);
  if (forward !== undefined) return forward;
  const backward = costOf([...word].reverse().join(""));
  return backward === undefined ? undefined : backward + REVERSED;
}
