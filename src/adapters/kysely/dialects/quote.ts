/** Quotes each part of a name. Names are checked to be plain, so they need no escaping. */
export function quoteWith(mark: string): (name: string) => string {
  return (name) =>
    name
      .split(".")
      .map((part) => `${mark}${part}${mark}`)
      .join(".");
}
