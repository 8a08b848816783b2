import * as z from "zod/mini";
import { canonicalEmail } from "../domain/email.ts";
import { normalizePassword } from "../domain/password-policy.ts";
import { type JsonProblem, jsonCopy } from "../lib/json-copy.ts";
import { isStorableText } from "../lib/text.ts";
import { reading } from "./schema.ts";

const MAX_PASSWORD_BYTES = 1024;
const MAX_EMAIL_BYTES = 254;
export const REQUIRED = "This is required.";

export interface Email {
  readonly typed: string;
  readonly canonical: string;
}

const INVISIBLE = /[\p{C}\p{Z}\s]/u;

/**
 * Takes an email in any spelling. White space at both ends comes from keyboards and from copies, and is dropped. The
 * output has the rest as typed, and in its canonical form.
 */
export const emailField: z.ZodMiniType<Email, string> = z.lazy(() =>
  text(
    (raw, fail): Email => {
      const typed = raw.length <= 2 * MAX_EMAIL_BYTES ? raw.trim() : raw;
      const canonical = canonicalEmail(typed);
      if (canonical) return { typed, canonical };
      return INVISIBLE.test(typed)
        ? fail("invalid_email", "There is a space or an invisible character in this email. Type it again.")
        : fail("invalid_email", "Enter an email address, such as name@example.com.");
    },
    { maxLength: MAX_EMAIL_BYTES, format: "idn-email" },
  ),
);

/** Takes a password and normalises it. Only its size and its characters are checked here, for all accounts alike. */
export const passwordField: z.ZodMiniType<string, string> = z.lazy(() =>
  text(
    (typed, fail): string => {
      if (typed.length > MAX_PASSWORD_BYTES || Buffer.byteLength(typed) > MAX_PASSWORD_BYTES) {
        return fail("too_long", `Use at most ${MAX_PASSWORD_BYTES} bytes.`);
      }
      if (!isStorableText(typed))
        return fail("unsupported_characters", "This contains characters that cannot be used.");
      return normalizePassword(typed);
    },
    { minLength: 1, maxLength: MAX_PASSWORD_BYTES },
  ),
);

type Fail = (code: string, message: string) => never;

/** A required text. The HTTP contract describes it by `described`. */
function text<Output>(
  read: (typed: string, fail: Fail) => Output,
  described: Readonly<Record<string, unknown>>,
): z.ZodMiniType<Output, string> {
  const wrongType = (issue: { readonly input: unknown }): string =>
    issue.input === undefined ? REQUIRED : "This must be text.";
  const typedText = z.string({ error: wrongType }).check(z.meta(described));
  return reading(typedText, (typed, refuse): Output => {
    const fail: Fail = (code, message) => refuse(message, { code });
    return typed === "" ? fail("required", REQUIRED) : read(typed, fail);
  });
}

const MAX_FIELDS_BYTES = 4096;
const MAX_FIELDS_DEPTH = 16;

/** An object of JSON: a copy, in which no text and no name needs a second look. */
export type JsonObject = Readonly<Record<string, unknown>>;

const anyObject = z.lazy(() =>
  z.unknown().check(
    z.meta({
      type: "object",
      additionalProperties: true,
      description: "The application's own fields, at most 4 KiB as JSON. The application says which",
    }),
  ),
);

/** Takes the application's own fields. Only size and characters are checked here, as they are for a password. */
export const ownFields: z.ZodMiniType<JsonObject, unknown> = z.lazy(() =>
  reading(anyObject, (raw, fail): JsonObject => {
    const read = jsonCopy(raw, { maxBytes: MAX_FIELDS_BYTES, maxDepth: MAX_FIELDS_DEPTH });
    return "copy" in read ? read.copy : fail(FIELDS_PROBLEMS[read.problem], { code: read.problem });
  }),
);

const FIELDS_PROBLEMS: Readonly<Record<JsonProblem, string>> = {
  invalid_type: "This must be an object of JSON.",
  too_long: `Use at most ${MAX_FIELDS_BYTES} bytes.`,
  too_deep: `Use at most ${MAX_FIELDS_DEPTH} levels of objects and lists.`,
  unsupported_characters: "This contains characters or names that cannot be used.",
};
