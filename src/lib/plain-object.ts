/**
 * Whether a value is an object literal, or the like of another realm. An array, a `Map`, a class instance and a promise
 * of options (a forgotten `await`) have no options of their own: they would read as an empty object.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What is wrong with an object of options: its kind, or a name that it does not know. Null: nothing. */
export function optionsProblem(options: unknown, known: readonly string[]): string | null {
  if (!isPlainObject(options)) return "the options must be a plain object; is an `await` missing?";
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  return unknown.length === 0
    ? null
    : `${unknown.join(", ")}: no such option; there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`;
}
