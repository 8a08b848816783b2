import type * as z from "zod";

/** Writes and reads one kind of stored JSON. */
export interface Codec<T> {
  encode(value: T): string;
  /** Throws a TypeError for a text that this library did not write. */
  decode(text: string): T;
}

/** Makes a codec for the values that the schema describes. */
export function jsonCodec<T>(schema: z.ZodType<T>): Codec<T> {
  return Object.freeze({
    encode: (value: T) => JSON.stringify(value),
    decode(text: string): T {
      const parsed = schema.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      throw new TypeError("A stored value does not have the form that this version writes");
    },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
