/** Longer tags are no languages (RFC 5646 has room for 35 characters). */
const MAX_TAG = 35;

/** The scripts that are written from right to left. */
const RIGHT_TO_LEFT = ["Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"];

/** The language of a BCP 47 tag in its one spelling, without extensions: `de-AT`. Null: not a tag. */
export function canonicalLocale(tag: string): string | null {
  if (typeof tag !== "string" || tag.length > MAX_TAG) return null;
  try {
    return new Intl.Locale(tag).baseName;
  } catch {
    return null;
  }
}

/** The languages that serve for a tag, best first: `zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647, lookup). */
export function localeChain(tag: string): readonly string[] {
  const locale = canonicalLocale(tag);
  if (locale === null) return [];
  const parts = locale.split("-");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
}

export function directionOf(locale: string): "ltr" | "rtl" {
  const { script = "" } = new Intl.Locale(locale).maximize();
  return RIGHT_TO_LEFT.includes(script) ? "rtl" : "ltr";
}
