import type { KnownWords } from "./guessing/is-easily-guessed.ts";

/**
 * The passwords and words that guessing starts with, folded. Loaded at the first use: most processes that verify tokens
 * never need them.
 */
export async function loadCommonWords(): Promise<KnownWords> {
  const [{ inflateRawSync }, { COMMON_WORDS }] = await Promise.all([
    import("node:zlib"),
    import("./common-passwords.generated.ts"),
  ]);
  const known = new Map<string, number>();
  // A line: a cost, and the words that have it.
  for (const line of inflateRawSync(Buffer.from(COMMON_WORDS, "base64")).toString().split("\n")) {
    const [cost, ...words] = line.split(" ");
    for (const word of words) known.set(word, Number(cost));
  }
  return known;
}
