/**
 * Text that every database gives back as it went in: no NUL (SQLite cuts there, PostgreSQL refuses it)
 * and no lone surrogate (drivers replace it).
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** Untrusted header text, made fit to be stored and shown in a log: one line, bounded. */
export function cleanHeaderText(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")
    .toWellFormed();
}
