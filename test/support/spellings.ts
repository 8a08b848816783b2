/** A text and what one of Unicode's foldings makes of it. */
export interface Spelling {
  readonly text: string;
  readonly folded: string;
}

type Folding = (text: string) => string;

const FOLDINGS: readonly Folding[] = [
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.toUpperCase().toLowerCase(), // full case folding, nearly: ß is ss, and so is ẞ
  (text) => text.normalize("NFC"),
  (text) => text.normalize("NFD"),
  (text) => text.normalize("NFKC"),
  (text) => text.normalize("NFKD"),
  (text) => text.normalize("NFKD").replace(/\p{M}/gu, ""), // without accents
  (text) => text.normalize("NFKC").toLowerCase(),
];

const BLOCK = 256;

/** Every character of Unicode that some folding changes, once with each thing that it becomes. */
export function allSpellings(): Spelling[] {
  const spellings: Spelling[] = [];
  for (let first = 0; first <= 0x10ffff; first += BLOCK) {
    const characters = charactersFrom(first);
    if (!isChanged(characters.join(""))) continue;
    for (const text of characters) {
      const results = new Set(FOLDINGS.map((fold) => fold(text)));
      results.delete(text);
      for (const folded of results) spellings.push({ text, folded });
    }
  }
  return spellings;
}

function charactersFrom(first: number): string[] {
  const codes = Array.from({ length: BLOCK }, (_, index) => first + index);
  return codes
    .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
    .map((code) => String.fromCodePoint(code));
}

/** Most blocks hold nothing that any folding changes. Each folding is made of these three. */
function isChanged(text: string): boolean {
  return text.toLowerCase() !== text || text.toUpperCase() !== text || text.normalize("NFKD") !== text;
}

/** Some of every kind: by what the foldings did, and by how long it became. */
export function sampleOf(spellings: readonly Spelling[], each: number): Spelling[] {
  const seen = new Map<string, number>();
  return spellings.filter(({ text, folded }) => {
    const effect = FOLDINGS.map((fold) => Number(fold(text) === folded)).join("");
    const key = `${effect} ${text.length} ${folded.length} ${/^[ -~]+$/.test(folded)}`;
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return count < each;
  });
}

/** What no folding of a single character shows: spaces, sequences, invisible ones, and other scripts. */
export const LOOKALIKES: readonly Spelling[] = Object.freeze(
  (
    [
      ["a", "a "],
      ["a", " a"],
      ["a", "a\t"],
      ["a", "a\u00a0"],
      ["a", "a\u200b"],
      ["a", "a\u200d"],
      ["a", "a\u00ad"],
      ["a", "a\ufe0f"],
      ["a", "\ufeffa"],
      ["a", "\u202ea"],
      ["a", "\u0430"], // Cyrillic
      ["o", "\u03bf"], // Greek
      ["o", "\u043e"],
      ["i", "\u0456"],
      ["i", "\u0131"],
      ["l", "1"],
      ["0", "o"],
      ["\u0435", "\u0451"],
      ["\u03c3", "\u03c2"], // the two small sigmas
      ["stra\u00dfe", "strasse"],
      ["\u00e9", "e\u0301"],
      ["a\u0301\u0323", "a\u0323\u0301"],
      ["\u1ea5", "\u00e2\u0301"],
      ["\ud55c", "\u1112\u1161\u11ab"],
      ["\u30ac", "\uff76\uff9e"],
      ["\u0390", "\u1fd3"],
      ["\u{1d41a}", "a"],
      ["\u{10400}", "\u{10428}"],
      ["\u{1f468}\u200d\u{1f4bb}", "\u{1f468}\u{1f4bb}"],
    ] as const
  ).map(([text, folded]) => ({ text, folded })),
);
