/**
 * Whether every database returns the text unchanged. It has no NUL (SQLite cuts there, PostgreSQL refuses it)
 * and no lone surrogate (drivers replace it).
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** Makes untrusted header text fit for a database and a log: one line, of at most `maxLength`. */
export function cleanHeaderText(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")
    .toWellFormed();
}

/** Whether a text is one line of whole characters, as a header needs it. */
export function isHeaderLine(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}
