import * as z from "zod/mini";
import type { FieldsSchema } from "../api/options.ts";
import { cleanHeaderText } from "../lib/text.ts";

export interface SignupSettings {
  readonly fields?: FieldsSchema | undefined;
  readonly words: readonly string[];
  /** The names and sentences that an error may show: the application wrote each of them. */
  readonly shown: ReadonlySet<string>;
}

const NO_SCHEMA = "must be a schema with Standard Schema (version 1), such as one of zod";
const MAX_WORDS = 1000;
const MAX_LENGTH = 200;

const word = z.lazy(() =>
  z
    .string()
    .check(
      z.refine(
        (text) => text !== "" && cleanHeaderText(text, MAX_LENGTH) === text,
        `must be a line of 1 to ${MAX_LENGTH} characters`,
      ),
    ),
);

const options = z.lazy(() =>
  z.strictObject({
    fields: z.optional(z.custom<FieldsSchema>(isStandardSchema, NO_SCHEMA)),
    words: z._default(
      z.array(word).check(z.maxLength(MAX_WORDS, `must have at most ${MAX_WORDS} entries`)),
      () => [],
    ),
  }),
);

export const signup: z.ZodMiniType<SignupSettings> = z.lazy(() =>
  z.pipe(
    options,
    z.transform(({ fields, words }) => ({ fields, words, shown: new Set([...words, ...namesIn(fields)]) })),
  ),
);

// A schema may be a function: arktype's is.
function isStandardSchema(value: unknown): boolean {
  const standard = (value as Partial<FieldsSchema> | null)?.["~standard"];
  return standard?.version === 1 && typeof standard.validate === "function";
}

/** The part of Standard JSON Schema that is used. Not every library has it, and not every schema can be converted. */
interface Converter {
  readonly jsonSchema?: { input?(options: object): unknown };
}

const DIALECT = { target: "draft-2020-12", libraryOptions: { unrepresentable: "any" } } as const;

/** The names of the fields that the schema itself tells. The names in a record are input, and the schema knows none. */
function namesIn(fields: FieldsSchema | undefined): readonly string[] {
  const { jsonSchema } = (fields?.["~standard"] ?? {}) as Converter;
  try {
    return propertiesOf(jsonSchema?.input?.(DIALECT));
  } catch {
    return [];
  }
}

function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { readonly properties?: unknown };
  const own = Array.isArray(schema) ? [] : Object.keys(Object(properties));
  return [...own, ...Object.values(schema).flatMap(propertiesOf)];
}
