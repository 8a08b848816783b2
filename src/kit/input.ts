import * as z from "zod/mini";
import type { ClientInfo } from "../api/auth.ts";
import { REQUIRED } from "../api/input-fields.ts";
import { built, parse, reading } from "../api/schema.ts";
import { normalizeAddress } from "../domain/client-address.ts";
import { AuthError, type FieldError } from "../errors.ts";
import { canonicalLocale } from "../lib/locale.ts";
import { isPlainObject } from "../lib/plain-object.ts";
import { cleanHeaderText } from "../lib/text.ts";

const MAX_USER_AGENT = 512;
const MAX_REQUEST_ID = 128;

/** A client with its address in canonical form, and with texts that a database can store. */
export interface Client {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** The language of mails, as a BCP 47 tag. Null: not known. */
  readonly locale?: string | null | undefined;
  readonly onRateLimit?: ClientInfo["onRateLimit"];
}

const clientInput = z.lazy(() =>
  z.object({
    client: z.object({
      ip: reading(z.unknown(), (ip, fail): string | null => {
        const address = typeof ip === "string" ? normalizeAddress(ip) : null;
        if (ip === null || address !== null) return address;
        return fail("Give the client's IP address, or null if there is none.", { code: "invalid_address" });
      }),
      userAgent: headerField(MAX_USER_AGENT),
      requestId: headerField(MAX_REQUEST_ID),
      // A header of a browser says what it likes: what is not a tag is not known.
      locale: reading(z.nullish(z.string()), (tag) => (tag ? canonicalLocale(tag) : null)),
      onRateLimit: z.optional(
        z.custom<ClientInfo["onRateLimit"]>(isFunctionOrNothing, "This must be a function."),
      ),
    }),
  }),
);

/** Parses untrusted input, or throws `invalid_input` with every failed field. */
export function parseInput<Output>(schema: z.ZodMiniType<Output>, input: unknown): Output {
  const parsed = parse(schema, input);
  if (parsed.success) return parsed.data;
  throw new AuthError("invalid_input", { errors: inputErrors(parsed.error, schema) });
}

/** The same for options that may all be left out: an object of another kind would read as no options. */
export function parseCallOptions<Output>(schema: z.ZodMiniType<Output>, options: unknown): Output {
  if (isPlainObject(options)) return parseInput(schema, options);
  const message = "This must be a plain object.";
  throw new AuthError("invalid_input", { errors: [{ path: "", code: "invalid_type", message }] });
}

/** Returns the failed fields of an input that zod refused. The messages hold no input. */
export function inputErrors(error: z.core.$ZodError, schema: z.ZodMiniType): readonly FieldError[] {
  return error.issues.map((issue) => toFieldError(issue, schema));
}

/** Parses the client. It refuses a malformed address: a guess would become the key of a limit. */
export function parseClient(client: ClientInfo): Client {
  return parseInput(clientInput, { client }).client;
}

function isFunctionOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "function";
}

/** Text that a client or an application sends. It is cleaned and cut, as the text of a header is. */
export function headerField(maxLength: number): z.ZodMiniType<string | null> {
  return reading(z.nullish(z.string()), (value) => (value ? cleanHeaderText(value, maxLength) : null));
}

function toFieldError(issue: z.core.$ZodIssue, schema: z.ZodMiniType): FieldError {
  const path = issue.path.join(".");
  // The name of an unknown field is input, so the message does not repeat it.
  if (issue.code === "unrecognized_keys")
    return { path, code: "unknown_field", message: unknownField(path === "" ? schema : undefined) };
  if (issue.code === "custom") return { path, code: String(issue.params?.["code"]), message: issue.message };
  return { path, code: issue.message === REQUIRED ? "required" : issue.code, message: issue.message };
}

// Without the tokens: in cookie mode no body has them.
function unknownField(lazy: z.ZodMiniType | undefined): string {
  const schema = built(lazy);
  const names = schema instanceof z.ZodMiniObject ? Object.keys(schema.shape) : [];
  const known = names.filter((name) => !/^(?:refresh|device)Token$/.test(name)).join(", ");
  return `There is an unknown field here.${known && ` Known fields: ${known}.`}`;
}
