// Class: a pattern whose cost grows with the square of a hostile text. The text of a header is a stranger's.
import { afterEach, expect, test, vi } from "vitest";
import { normalizeAddress } from "../../src/domain/client-address.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Reading {
  /** The patterns that were tried, in order. */
  readonly patterns: readonly string[];
  /** How many characters they were given, together. */
  readonly characters: number;
}

function readingOf(text: string): Reading {
  const spy = vi.spyOn(RegExp.prototype, "exec");
  normalizeAddress(text);
  const patterns = spy.mock.contexts.map((pattern) => (pattern as RegExp).source);
  const characters = spy.mock.calls.reduce((sum, [read]) => sum + read.length, 0);
  spy.mockRestore();
  return { patterns, characters };
}

const HOSTILE: Readonly<Record<string, (length: number) => string>> = {
  "nothing but zones": (length) => "%".repeat(length),
  "many zones": (length) => `::6${"%a".repeat(length / 2)}`,
  "a zone that ends in a list": (length) => `::6%${"a".repeat(length)},`,
  "a zone of that length": (length) => `::6%${"a".repeat(length)}`,
  "no zone": (length) => "6".repeat(length),
};

test.each(Object.entries(HOSTILE))(
  "%s: the text is read as often at any length, and never twice from one place",
  (_name, make) => {
    const [short, long] = [readingOf(make(100)), readingOf(make(10_000))];
    expect(long.patterns).toEqual(short.patterns);
    expect(long.characters).toBeLessThanOrEqual(3 * 10_000 + 100); // ours, and those of `isIPv4` and `isIPv6`
    // A pattern without `^` begins anew at each character, and one that looks back reads what it has read.
    for (const pattern of long.patterns) expect(pattern).toMatch(/^\^(?!.*(?:\(\?<[=!]|[+*]\)[+*]))/);
  },
);

test("the patterns are seen at all", () => {
  expect(readingOf("::6%eth0").patterns.length).toBeGreaterThan(0);
});
