import type * as z from "zod/mini";

/** Writes and reads one kind of stored JSON. */
export interface Codec<T> {
  encode(value: T): string;
  /** Null for a text of another form: this version did not write it. */
  decode(text: string): T | null;
}

/** Makes a codec for the values that the schema describes. */
export function jsonCodec<T>(schema: z.ZodMiniType<T>): Codec<T> {
  return Object.freeze({
    encode: (value: T) => JSON.stringify(value),
    decode: (text: string) => schema.safeParse(parseJson(text)).data ?? null,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
