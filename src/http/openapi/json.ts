export type Json = Readonly<Record<string, unknown>>;

export function headerReference(name: string): Json {
  return { [name]: { $ref: `#/components/headers/${name}` } };
}

/** A member of an object, left out if there is nothing in it. */
export function unlessEmpty(name: string, value: Json): Json {
  return Object.keys(value).length > 0 ? { [name]: value } : {};
}
