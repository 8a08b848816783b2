/** The object or list of a JSON text; undefined for any other text. */
export function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value === Object(value) ? (value as object) : undefined;
  } catch {
    // The engine's error is dropped: it quotes the text, which may hold a token.
    return undefined;
  }
}
