import { isPlainObject } from "./plain-object.ts";
import { isStorableText } from "./text.ts";

export type JsonProblem = "invalid_type" | "too_long" | "too_deep" | "unsupported_characters";

export interface JsonBounds {
  /** Of the JSON as UTF-8. */
  readonly maxBytes: number;
  /** Levels of objects and lists, the outermost included. */
  readonly maxDepth: number;
}

/** The same value of an HTTP body and of a direct call: a copy, as JSON carries it. Or the reason against it. */
export type JsonCopy =
  | { readonly copy: Readonly<Record<string, unknown>> }
  | { readonly problem: JsonProblem };

/** Copies an untrusted object of JSON that will be stored. */
export function jsonCopy(raw: unknown, { maxBytes, maxDepth }: JsonBounds): JsonCopy {
  const text = isPlainObject(raw) ? textOf(raw) : null;
  if (text === null) return { problem: "invalid_type" };
  if (Buffer.byteLength(text) > maxBytes) return { problem: "too_long" };
  const copy: unknown = JSON.parse(text);
  if (!isPlainObject(copy)) return { problem: "invalid_type" };
  const problem = flawOf(copy, maxDepth);
  return problem ? { problem } : { copy };
}

/** Null: a cycle, a `BigInt`, or far too many levels. */
function textOf(value: object): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

function flawOf(value: unknown, levels: number): JsonProblem | null {
  if (typeof value === "string") return isStorableText(value) ? null : "unsupported_characters";
  if (typeof value !== "object" || value === null) return null;
  if (levels === 0) return "too_deep";
  if (!Object.keys(value).every(isUsable)) return "unsupported_characters";
  const flaws = Object.values(value).map((inner) => flawOf(inner, levels - 1));
  return flaws.find((flaw) => flaw !== null) ?? null;
}

// An application may merge the object into one of its own: these names would lead to the prototype of all objects.
function isUsable(name: string): boolean {
  return isStorableText(name) && name !== "__proto__" && name !== "constructor";
}
