import type { KnownWords } from "./guessing/is-easily-guessed.ts";

/** Loads the words at the first use: most processes that verify tokens never need them. */
export async function loadCommonWords(): Promise<KnownWords> {
  return (await import("./known-words.ts")).KNOWN_WORDS;
}
