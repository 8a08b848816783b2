import * as z from "zod/mini";
import type { FieldsSchema } from "../api/options.ts";

export interface SignupSettings {
  readonly fields?: FieldsSchema | undefined;
}

const NO_SCHEMA = "must be a schema with Standard Schema (version 1), such as one of zod";

export const signup: z.ZodMiniType<SignupSettings> = z.strictObject({
  fields: z.optional(z.custom<FieldsSchema>(isStandardSchema, NO_SCHEMA)),
});

// A schema may be a function: arktype's is.
function isStandardSchema(value: unknown): boolean {
  const standard = (value as Partial<FieldsSchema> | null)?.["~standard"];
  return standard?.version === 1 && typeof standard.validate === "function";
}
