import { expect, test } from "vitest";
import { canonicalLocale, directionOf, localeChain } from "../../src/lib/locale.ts";

test.each([
  ["de-AT", ["de-AT", "de"]],
  ["DE-at", ["de-AT", "de"]],
  ["zh-Hant-TW", ["zh-Hant-TW", "zh-Hant", "zh"]],
  ["de-DE-u-co-phonebk", ["de-DE", "de"]],
  ["en", ["en"]],
])("%s is served by %j, in this order", (tag, chain) => {
  expect(localeChain(tag)).toEqual(chain);
});

test.each([
  "",
  "*",
  "de_AT",
  "__proto__",
  "d",
  "de-",
  "de\r\nBcc: x",
  "../../en",
  `de-${"a".repeat(40)}`,
  "en;q=0.8",
])("%j is no language", (tag) => {
  expect(canonicalLocale(tag)).toBeNull();
  expect(localeChain(tag)).toEqual([]);
});

test("what is no text is no language", () => {
  for (const tag of [undefined, null, ["de"], { toString: () => "de" }, 5])
    expect(canonicalLocale(tag as never)).toBeNull();
});

test.each([
  ["ar", "rtl"],
  ["he-IL", "rtl"],
  ["fa", "rtl"],
  ["ur", "rtl"],
  ["az-Arab", "rtl"],
  ["de", "ltr"],
  ["ja", "ltr"],
])("%s is written %s", (locale, direction) => {
  expect(directionOf(locale)).toBe(direction);
});
