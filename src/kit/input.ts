import * as z from "zod";
import type { ClientInfo } from "../api/auth.ts";
import { normalizeAddress } from "../domain/client-address.ts";
import { canonicalEmail } from "../domain/email.ts";
import { normalizePassword } from "../domain/password-policy.ts";
import { AuthError, type FieldError } from "../errors.ts";
import { cleanHeaderText, isStorableText } from "../lib/text.ts";

const MAX_PASSWORD_BYTES = 1024;
const MAX_USER_AGENT = 512;
const MAX_REQUEST_ID = 128;
const REQUIRED = "This is required.";

export interface Email {
  readonly typed: string;
  readonly canonical: string;
}

/** A caller whose address is in its one spelling and whose texts are fit to be stored. */
export interface Client {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly onRateLimit?: ClientInfo["onRateLimit"];
}

/** An email in any spelling; afterwards typed and canonical. */
export const emailField: z.ZodType<Email, string> = text((typed, fail): Email => {
  const canonical = canonicalEmail(typed);
  return canonical
    ? { typed, canonical }
    : fail("invalid_email", "Enter an email address, such as name@example.com.");
});

/** A password, normalised. Only its size and its being text are judged here, for all accounts alike. */
export const passwordField: z.ZodType<string, string> = text((typed, fail): string => {
  if (typed.length > MAX_PASSWORD_BYTES || Buffer.byteLength(typed) > MAX_PASSWORD_BYTES) {
    return fail("too_long", `Use at most ${MAX_PASSWORD_BYTES} bytes.`);
  }
  if (!isStorableText(typed))
    return fail("unsupported_characters", "This contains characters that cannot be used.");
  return normalizePassword(typed);
});

const clientInput = z.object({
  client: z.object({
    ip: z.unknown().transform((ip, issue): string | null => {
      const address = typeof ip === "string" ? normalizeAddress(ip) : null;
      if (ip !== null && address === null) {
        addIssue(issue, "invalid_address", "Give the client's IP address, or null if there is none.");
      }
      return address;
    }),
    userAgent: headerField(MAX_USER_AGENT),
    requestId: headerField(MAX_REQUEST_ID),
    onRateLimit: z
      .custom<ClientInfo["onRateLimit"]>(isFunctionOrNothing, "This must be a function.")
      .optional(),
  }),
});

/** Parses untrusted input, or throws `invalid_input` with every failed field. */
export function parseInput<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AuthError("invalid_input", { errors: inputErrors(parsed.error) });
}

/** Every failed field of what zod refused, in words that hold no input. */
export function inputErrors(error: z.ZodError): readonly FieldError[] {
  return error.issues.map(toFieldError);
}

/** Parses who is calling. A wrong address is refused, not guessed: it would be a limit's key. */
export function parseClient(client: ClientInfo): Client {
  return parseInput(clientInput, { client }).client;
}

function isFunctionOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "function";
}

type Fail = (code: string, message: string) => never;

function text<Output>(read: (typed: string, fail: Fail) => Output): z.ZodType<Output, string> {
  const wrongType = (issue: { readonly input: unknown }): string =>
    issue.input === undefined ? REQUIRED : "This must be text.";
  return z.string({ error: wrongType }).transform((typed, issue): Output => {
    const fail = (code: string, message: string): never => {
      addIssue(issue, code, message);
      return z.NEVER;
    };
    return typed === "" ? fail("required", REQUIRED) : read(typed, fail);
  });
}

function headerField(maxLength: number): z.ZodType<string | null> {
  return z
    .string()
    .nullish()
    .transform((value) => (value ? cleanHeaderText(value, maxLength) : null));
}

function addIssue(issue: z.RefinementCtx, code: string, message: string): void {
  issue.addIssue({ code: "custom", message, params: { code } });
}

function toFieldError(issue: z.core.$ZodIssue): FieldError {
  const path = issue.path.join(".");
  // The names of unknown fields are input: they are not repeated.
  if (issue.code === "unrecognized_keys")
    return { path, code: "unknown_field", message: "There is an unknown field here." };
  if (issue.code === "custom") return { path, code: String(issue.params?.["code"]), message: issue.message };
  return { path, code: issue.message === REQUIRED ? "required" : issue.code, message: issue.message };
}
