/** Quotes each part of a name; the names were checked to be plain, so nothing in them needs doubling. */
export function quoteWith(mark: string): (name: string) => string {
  return (name) =>
    name
      .split(".")
      .map((part) => `${mark}${part}${mark}`)
      .join(".");
}
