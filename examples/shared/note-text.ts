import { AuthError } from "sallyport";
import { MAX_NOTE_LENGTH, MAX_NOTES } from "./notes.ts";

/** The text of a new note from any JSON of a request, or `invalid_input`. */
export function noteText(body: unknown): string {
  const typed = typeof body === "object" && body !== null && "text" in body ? body.text : undefined;
  const text = typeof typed === "string" ? typed.trim() : "";
  if (text === "") throw invalidText("required", "Write something first.");
  if ([...text].length > MAX_NOTE_LENGTH) {
    throw invalidText("too_long", `Use at most ${MAX_NOTE_LENGTH} characters.`);
  }
  // No database keeps a NUL or half of a surrogate pair unchanged.
  if (text.includes("\0") || !text.isWellFormed()) {
    throw invalidText("unsupported_characters", "This contains characters that cannot be used.");
  }
  return text;
}

export function tooManyNotes(): AuthError {
  return invalidText("too_many", `You have ${MAX_NOTES} notes. Delete one first.`);
}

function invalidText(code: string, message: string): AuthError {
  return new AuthError("invalid_input", { errors: [{ path: "text", code, message }] });
}
