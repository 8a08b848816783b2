import { isLetter } from "./fold.ts";
import type { FindParts } from "./part.ts";

const DIGIT = 1;
const LETTER = 1.4;
const FINAL_MARK = 0.3;
const JOINT = 0.5;
const SYMBOL = 1.2;
const RARE = 1.6;

/** Each character by itself: what no other rule knows. */
export const characterParts: FindParts = ({ plain }, from) => {
  const cost = costOf(plain[from] as string, from === plain.length - 1);
  return [{ end: from + 1, cost }];
};

function costOf(character: string, isLast: boolean): number {
  if (/\d/.test(character)) return DIGIT;
  if (/[a-z]/.test(character)) return LETTER;
  if (/[!.?]/.test(character) && isLast) return FINAL_MARK;
  if (/[ _.-]/.test(character)) return JOINT;
  if (/[!-~]/.test(character)) return SYMBOL;
  return isLetter(character) ? LETTER : RARE;
}
