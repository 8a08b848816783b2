import { characterParts } from "./characters.ts";
import { dateParts } from "./dates.ts";
import { foldText } from "./fold.ts";
import type { Part } from "./part.ts";
import { systemsOf } from "./places.ts";
import { LONGEST_BLOCK, repeatParts } from "./repeats.ts";
import { walkParts } from "./walks.ts";
import { type CostOfWord, wordParts } from "./words.ts";

/** More characters than that make no known password, unless the first ones are worth little and repeat. */
const MOST = 128;

/**
 * The guesses that find a password, as a power of ten: the cheapest way to put it together from words, runs, walks over
 * the keyboard, repetitions, dates and single characters. It is a rough lower bound (after Wheeler, "zxcvbn", 2016).
 */
export function guessCost(password: string, costOf: CostOfWord): number {
  const text = foldText(password, MOST);
  const systems = systemsOf(text);
  const finders = [characterParts, wordParts(costOf), dateParts];
  const simple = Array.from(text.plain, (_, from) => [
    ...finders.flatMap((find) => find(text, from)),
    ...walkParts(systems.keyboards, from),
  ]);
  const all = simple.map((parts, from) => {
    const blocks = cheapest(simple, from, Math.min(from + LONGEST_BLOCK, text.plain.length));
    return [...parts, ...repeatParts(systems.all, from, blocks)];
  });
  return cheapest(all, 0, text.plain.length).at(-1) ?? 0;
}

/** The lowest cost of each text that begins at `from`, by its length, up to `until`. */
function cheapest(parts: readonly (readonly Part[])[], from: number, until: number): readonly number[] {
  const costs = new Array<number>(until - from + 1).fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  for (let at = from; at < until; at++) {
    const spent = costs[at - from] as number;
    for (const { end, cost } of parts[at] ?? []) {
      if (end <= until) costs[end - from] = Math.min(costs[end - from] as number, spent + cost);
    }
  }
  return costs;
}
