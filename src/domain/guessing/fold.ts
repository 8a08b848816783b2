/** A password as a guesser sees it. Every field has one element for each character. */
export interface Folded {
  /** In lower case, after NFKC. A character outside of the basic plane is one U+FFFF. */
  readonly plain: string;
  /** Also without accents, and with the letters that digits and symbols stand for. */
  readonly letters: string;
  /** `letters` from the end to the start. */
  readonly backward: string;
  /** Whether `letters` has a letter in place of a digit or symbol. */
  readonly replaced: readonly boolean[];
}

// Characters that look alike become one letter: an attacker tries both.
const STANDS_FOR: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "2": "z",
  "3": "e",
  "4": "a",
  "5": "s",
  "6": "g",
  "7": "t",
  "8": "b",
  "9": "g",
  "@": "a",
  $: "s",
  "!": "i",
  "|": "i",
  "+": "t",
  "€": "e",
  "£": "l",
  "(": "c",
  l: "i",
  ß: "s",
  ø: "o",
  ł: "i",
  đ: "d",
  ı: "i",
  ς: "σ",
};

/** Folds the first `most` characters: case, compatibility forms, accents, and the common substitutions. */
export function foldText(text: string, most: number): Folded {
  const characters = [...text.normalize("NFKC").toLowerCase().normalize("NFC")].slice(0, most);
  const plain = characters.map((character) => (character.length === 1 ? character : "\uffff"));
  const letters = plain.map(letterOf);
  const replaced = plain.map(
    (character, index) => !isLetter(character) && isLetter(letters[index] as string),
  );
  const backward = letters.toReversed().join("");
  return { plain: plain.join(""), letters: letters.join(""), backward, replaced };
}

/** A word in the form in which `Folded.letters` holds it. */
export function foldWord(word: string): string {
  return foldText(word, word.length).letters;
}

function letterOf(character: string): string {
  const [base = character] = character.normalize("NFD");
  return STANDS_FOR[base] ?? base;
}

export function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}
