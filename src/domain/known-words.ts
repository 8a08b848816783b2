// A process evaluates this module once, when it first judges a new password: unpacking takes a tenth of a second.
import { inflateRawSync } from "node:zlib";
import { COMMON_WORDS } from "./common-passwords.generated.ts";
import type { KnownWords } from "./guessing/is-easily-guessed.ts";

/** The passwords and words that guessing starts with, folded. */
export const KNOWN_WORDS: KnownWords = unpack(COMMON_WORDS);

function unpack(packed: string): KnownWords {
  const known = new Map<string, number>();
  // A line: a cost, and the words that have it.
  for (const line of inflateRawSync(Buffer.from(packed, "base64")).toString().split("\n")) {
    const [cost, ...words] = line.split(" ");
    for (const word of words) known.set(word, Number(cost));
  }
  return known;
}
