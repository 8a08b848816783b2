import { type JsonObject, ownFields } from "../api/input-fields.ts";
import type { FieldsIssue, FieldsSchema, FieldsVerdict } from "../api/options.ts";
import { parse } from "../api/schema.ts";
import type { Context } from "../context.ts";
import type { FieldError } from "../errors.ts";

const MAX_ERRORS = 20;
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
  const { fields: schema, shown } = ctx.settings.signup;
  const read = parse(ownFields, raw === undefined ? {} : raw);
  if (!schema || !read.success) return { errors: [] }; // the schema of the whole input refuses them
  const verdict = verdictOf(schema, read.data);
  if (verdict.issues === undefined) return { value: verdict.value, errors: [] };
  const issues = verdict.issues.length > 0 ? verdict.issues : [{ message: NOT_VALID }];
  const showing = { fields: read.data, shown };
  return { errors: issues.slice(0, MAX_ERRORS).map((issue) => toFieldError(issue, showing)) };
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

/**
 * Schemas quote what they refuse, changed or not, and name the keys of records. Such a text may end in a log. So only
 * words that the application has written are shown, and places in a list.
 */
function toFieldError({ path = [], message }: FieldsIssue, { fields, shown }: Showing): FieldError {
  return {
    path: ["fields", ...knownPath(path, { fields, shown })].join("."),
    code: "invalid_field",
    message: shown.has(message) ? message : NOT_VALID,
  };
}

interface Showing {
  readonly fields: JsonObject;
  readonly shown: ReadonlySet<string>;
}

/** The path, up to the first name that may be input. */
function knownPath(path: NonNullable<FieldsIssue["path"]>, { fields, shown }: Showing): readonly string[] {
  const known: string[] = [];
  let at: unknown = fields;
  for (const part of path) {
    const name = String(typeof part === "object" ? part.key : part);
    if (!(Array.isArray(at) ? isPlace(at, name) : shown.has(name))) break;
    known.push(name);
    at = Object(at)[name];
  }
  return known;
}

function isPlace(list: readonly unknown[], name: string): boolean {
  return /^\d+$/.test(name) && Object.hasOwn(list, name);
}
