import { createVerifier, type VerifierOptions } from "sallyport/verifier";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/domain/duration.ts";
import { parseOptions } from "../../src/verifier/parse-options.ts";
import { optionPaths } from "../docs/support/option-paths.ts";
import { codeSpans, section, tableRows } from "../docs/support/pages.ts";
import { JWKS_URL, PARTIES } from "./support.ts";

const ROWS = tableRows(section("docs/verifier.md", "Options of `createVerifier`"));
const DURATIONS = ROWS.filter(([, type]) => type === "`Duration`").map(
  ([option = "", , fallback, bounds]) => ({
    option: codeSpans(option)[0] as keyof VerifierOptions,
    fallback: JSON.parse(codeSpans(fallback ?? "")[0] ?? ""),
    bounds: codeSpans(bounds ?? "").map((bound): string => JSON.parse(bound)),
  }),
);
const good: VerifierOptions = { jwksUrl: JWKS_URL, ...PARTIES };

test("each option of the types is documented, and no other", () => {
  const documented = ROWS.map(([option]) => codeSpans(option ?? "")[0]);
  expect(documented).toEqual(optionPaths("src/verifier/options.ts", "VerifierOptions", /^$/));
});

test("the defaults of the page are those of the code", () => {
  const source = parseOptions(good).source as unknown as Record<string, number>;
  expect(DURATIONS.length).toBe(3);
  for (const { option, fallback } of DURATIONS) expect(source[option]).toBe(parseDuration(fallback));
});

test.each(DURATIONS)("$option: $bounds", ({ option, bounds }) => {
  const [low = 0, high = 0] = bounds.map((bound) => parseDuration(bound) ?? 0);
  const make = (value: number) => () => createVerifier({ ...good, cacheMaxAge: "1d", [option]: value });
  for (const value of [low, high]) expect(make(value)).not.toThrow();
  for (const value of [low - 1, high + 1]) expect(make(value)).toThrow(`createVerifier: ${option}: must be`);
});
