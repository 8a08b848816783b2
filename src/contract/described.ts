import * as z from "zod/mini";

/** The named schemas of the contract. It is not zod's global registry: the application shares that one. */
export const components: z.core.$ZodRegistry<{ readonly id: string }> = z.registry<{ readonly id: string }>();

/** What JSON makes of a value: a date is text, and an id is plain text. */
type AsJson<Value> = Value extends Date
  ? string
  : Value extends string
    ? Text<Value>
    : Value extends readonly (infer Item)[]
      ? AsJson<Item>[]
      : Value extends object
        ? { -readonly [Name in keyof Value]: AsJson<Value[Name]> }
        : Value;

// A literal stays what it is. Any other text is open, a branded one too.
type Text<Value extends string> = Record<never, never> extends Record<Value, 1> ? string : Value;

type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2
    ? unknown
    : { readonly "the schema and its type differ": Right };

type Check<Value> = <Schema extends z.ZodMiniType>(
  schema: Schema & Same<z.input<Schema>, AsJson<Value>>,
) => Schema;

/** Takes the schema of a type. A field that is missing, too many or of another type does not compile. */
export function described<Value>(): Check<Value> {
  return (schema) => schema;
}

type Name<Value> = <Schema extends z.ZodMiniType>(
  id: string,
  schema: Schema & Same<z.input<Schema>, AsJson<Value>>,
) => Schema;

/** The same, for a schema that has a name in the contract. */
export function component<Value>(): Name<Value> {
  return (id, schema) => {
    components.add(schema, { id });
    return schema;
  };
}
