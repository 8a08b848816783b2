import { en } from "zod/locales";
import * as z from "zod/mini";

const { localeError } = en();

interface Refusal {
  /** Where in the value. Default: the whole value. */
  readonly path?: readonly (string | number)[];
  readonly code?: string;
}

/** Refuses the value. It may be called more than once: each call adds a problem. */
export type Fail = (message: string, refusal?: Refusal) => never;

// A schema that stands by itself is `z.lazy`: an import builds none, and its first parse builds it.

/** The schema that a lazy one stands for. */
export function built(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodMiniLazy ? built(schema._zod.innerType) : schema;
}

/** A schema whose output `read` makes of the output of `schema`. */
export function reading<Output, Input, Read>(
  schema: z.ZodMiniType<Output, Input>,
  read: (value: Output, fail: Fail) => Read,
): z.ZodMiniType<Read, Input> {
  const step = z.transform((value: Output, { issues }): Read => {
    const fail: Fail = (message, { path = [], code } = {}) => {
      issues.push({ code: "custom", message, input: value, path: [...path], params: { code } });
      return z.NEVER;
    };
    return read(value, fail);
  });
  return z.pipe(schema, step) as z.ZodMiniType<Read, Input>;
}

/** Parses a value. A problem without a sentence of its own gets zod's English one. */
export function parse<Output>(
  schema: z.ZodMiniType<Output>,
  value: unknown,
): z.core.util.SafeParseResult<Output> {
  return schema.safeParse(value, { error: localeError });
}
