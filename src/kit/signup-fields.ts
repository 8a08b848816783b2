import { type JsonObject, ownFields } from "../api/input-fields.ts";
import type { FieldsIssue, FieldsSchema, FieldsVerdict } from "../api/options.ts";
import { parse } from "../api/schema.ts";
import type { Context } from "../context.ts";
import type { FieldError } from "../errors.ts";
import { cleanHeaderText } from "../lib/text.ts";

const MAX_ERRORS = 20;
const MAX_MESSAGE = 200;
const NOT_VALID = "This is not valid.";

export interface JudgedFields {
  /** The output of the application's schema. Undefined without one. */
  readonly value?: unknown;
  readonly errors: readonly FieldError[];
}

/**
 * Asks the schema of `signup.fields` about the fields of a signup. Missing fields count as an empty object, so that the
 * schema names each field that it requires. A schema that throws, or that answers with a promise, makes the call fail:
 * before the limits there must be no work that waits.
 */
export function judgeFields(ctx: Context, raw: unknown): JudgedFields {
  const schema = ctx.settings.signup.fields;
  const read = parse(ownFields, raw === undefined ? {} : raw);
  if (!schema || !read.success) return { errors: [] }; // the schema of the whole input refuses them
  const verdict = verdictOf(schema, read.data);
  if (verdict.issues === undefined) return { value: verdict.value, errors: [] };
  const issues = verdict.issues.length > 0 ? verdict.issues : [{ message: NOT_VALID }];
  return { errors: issues.slice(0, MAX_ERRORS).map((issue) => toFieldError(issue, read.data)) };
}

function verdictOf(schema: FieldsSchema, fields: JsonObject): FieldsVerdict<unknown> {
  const verdict = schema["~standard"].validate(fields);
  if ("then" in verdict) {
    verdict.then(undefined, () => {}); // nothing waits for it
    throw new TypeError("signup.fields: the schema must answer at once, without a promise");
  }
  if (Array.isArray(verdict.issues) || (verdict.issues === undefined && "value" in verdict)) return verdict;
  throw new TypeError("signup.fields: the schema gave no answer of Standard Schema");
}

function toFieldError({ path = [], message }: FieldsIssue, fields: JsonObject): FieldError {
  const names = path.map((part) => String(typeof part === "object" ? part.key : part));
  // The name of a field is input where the schema allows any name.
  const end = names.findIndex((name) => !/^[\p{L}\p{N}_$-]{1,64}$/u.test(name));
  const known = names.slice(0, end < 0 ? names.length : end);
  return {
    path: ["fields", ...known].join("."),
    code: "invalid_field",
    message: withoutInput(message, fields),
  };
}

/** Schemas of some libraries quote what they refuse. Such a sentence may end in a log. */
function withoutInput(message: string, fields: JsonObject): string {
  const text = cleanHeaderText(String(message), MAX_MESSAGE);
  return text === "" || quotes(String(message), fields) ? NOT_VALID : text;
}

function quotes(message: string, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return repeats(message, String(value));
  if (Array.isArray(value)) return value.some((inner) => quotes(message, inner));
  return Object.entries(value).some(
    ([name, inner]) => message.includes(`"${name}"`) || quotes(message, inner),
  );
}

// A short value is found only where it stands in quotes: "at" is a part of most sentences.
function repeats(message: string, value: string): boolean {
  return message.includes(`"${value}"`) || (value.length >= 4 && message.includes(value));
}
