import { foldWord } from "./fold.ts";
import { guessCost } from "./guess-cost.ts";

/** Folded words, each with the power of ten of its rank among guesses. */
export type KnownWords = ReadonlyMap<string, number>;

/**
 * A million guesses. An account has at most 100 wrong logins a day, so an attacker needs 27 years. Four words of any
 * list always cost more: none costs less than 2.
 */
const EASY = 6;
const COST_OF_CONTEXT = 2;

/** Whether guessing finds a password early: a common one, or one that is made of few common parts. */
export function isEasilyGuessed(password: string, words: KnownWords, context: readonly string[]): boolean {
  const close = new Set(context.map(foldWord));
  const costOf = (letters: string): number | undefined =>
    close.has(letters) ? COST_OF_CONTEXT : words.get(letters);
  return guessCost(password, costOf) < EASY;
}
