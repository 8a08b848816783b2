/** The object, or list, that a JSON text is; undefined for any other text. */
export function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value === Object(value) ? (value as object) : undefined;
  } catch {
    // Not thrown on: the engine's complaint quotes the text, and there may be a token in it.
    return undefined;
  }
}
