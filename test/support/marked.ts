// V8 quotes ten characters around a mistake in JSON, and drivers quote values. So each piece of a marked text must show
// where it came from: even one character of the script, or three of the letters.
const SCRIPT = "ꡀꡁꡂꡃꡄꡅꡆꡇ";
const LETTERS = "Zq9Zq9Zq9";
const PIECE_OF_SCRIPT = /[\uA840-\uA877]/;
const PIECE = /[\uA840-\uA877]|Zq9|q9Z|9Zq/;

/** A hostile text. No word of ours contains a piece of it. */
export const MARK: string = `${SCRIPT}${LETTERS}`;

/** The same for places that take letters and digits only. */
export const MARKED_LETTERS: string = LETTERS.repeat(4);

/** The piece of a marked text within another text, or null. */
export function markIn(text: string): string | null {
  return PIECE.exec(text)?.[0] ?? null;
}

/** The same for texts with tokens, in which such letters may stand by chance. */
export function scriptIn(text: string): string | null {
  return PIECE_OF_SCRIPT.exec(text)?.[0] ?? null;
}
