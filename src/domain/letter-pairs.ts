import { LETTER_PAIRS } from "./letter-pairs.generated.ts";

/** The odds of a text, as a power of ten. Of 300,000 random texts in base64 the best has 0.3. */
const ENOUGH = 3.5;
/** Words have few capitals within. Random text has one in four pairs. */
const CAPITAL_WITHIN = -1;

/** Whether a text reads like words of a language, and not like random characters. */
export function readsLikeWords(text: string): boolean {
  if (/^[\da-f\s-]*$/i.test(text)) return false; // hexadecimal digits say words by accident
  const pairs = [...text.matchAll(/(?=([A-Za-z]{2}))/g)].map(([, pair = ""]) => pair);
  return pairs.reduce((odds, pair) => odds + oddsOf(pair), 0) > ENOUGH;
}

/** How much likelier a pair is in words than in random text, as a power of ten. */
function oddsOf(pair: string): number {
  if (/[a-z][A-Z]/.test(pair)) return CAPITAL_WITHIN;
  const [first = 0, second = 0] = [...pair.toLowerCase()].map((letter) => letter.charCodeAt(0) - 97);
  return Number.parseInt(LETTER_PAIRS[first * 26 + second] ?? "0", 36) / 10 - 2.5;
}
