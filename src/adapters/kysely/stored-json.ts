import { AuthError } from "../../errors.ts";

type EventData = Readonly<Record<string, string | number | boolean>>;

/** The session's `amr`, checked: data from a database is input too. */
export function readTexts(stored: string): readonly string[] {
  const value = parse(stored);
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw unreadable();
  return value;
}

/** An event's `data`. */
export function readEventData(stored: string): EventData {
  const value = parse(stored);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable();
  if (!Object.values(value).every(isScalar)) throw unreadable();
  return value as EventData;
}

function parse(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    // The parser's own error would quote the text.
    throw unreadable();
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function unreadable(): AuthError {
  return new AuthError("internal_error", { message: "A stored row does not have the expected form." });
}
