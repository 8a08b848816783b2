import * as z from "zod/mini";

/** Marks the bodies that may have `remember`. Only cookie mode has the field: in bearer mode clients keep the tokens. */
const remembering = z.registry<{ readonly remember: true }>();

export function withRemember<Schema extends z.core.$ZodType>(schema: Schema): Schema {
  remembering.add(schema, { remember: true });
  return schema;
}

export function takesRemember(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && remembering.has(schema);
}

/** How the contract of cookie mode describes the field. */
export const REMEMBER: Readonly<Record<string, unknown>> = {
  description: "False: the browser forgets the cookies when it closes. The session ends in its own time",
  type: "boolean",
  default: true,
};
