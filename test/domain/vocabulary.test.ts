// The closed lists: a word that no code uses, or that no page explains, does not belong there.
import { globSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as vocabulary from "../../src/domain/vocabulary.ts";
import { codeSpans, readPage, rootPath } from "../docs/support/pages.ts";

interface List {
  readonly words: readonly string[];
  /** Where a word must be used. */
  readonly within: string;
  /** What the code says right before the word. */
  readonly after: RegExp;
  readonly page: string;
  /** The core has no code that uses them: features do. */
  readonly forFeatures?: readonly string[];
}

const { CREDENTIAL_KINDS, EVENTS, FAILURE_REASONS, KEY_PURPOSES, PROOF_PURPOSES, TOKEN_PURPOSES } =
  vocabulary;

/** The same list as the type of codes. */
const ERROR_CODES = [
  ...(/export type AuthErrorCode =([^;]+);/.exec(readPage("src/errors.ts"))?.[1] ?? "").matchAll(/"(\w+)"/g),
].map(([, code = ""]) => code);

const LISTS: Readonly<Record<string, List>> = {
  EVENTS: {
    words: Object.keys(EVENTS),
    within: "src/{flows,kit}/**/*.ts",
    after: /\b(?:type: |TYPE = )$/,
    page: "docs/errors.md",
  },
  FAILURE_REASONS: {
    words: Object.keys(FAILURE_REASONS),
    within: "src/{flows,kit}/**/*.ts",
    // The last argument of `refuse`, the `reason` of an outcome, or a verdict.
    after: /(?:, |\breason: |\breturn |[?:] )$/,
    page: "docs/errors.md",
    forFeatures: ["wrong_code"],
  },
  CREDENTIAL_KINDS: {
    words: CREDENTIAL_KINDS,
    within: "src/{flows,kit,testing}/**/*.ts",
    after: /(?:\bkind: |, |\(|\[)$/,
    page: "docs/data-model.md",
  },
  TOKEN_PURPOSES: {
    words: TOKEN_PURPOSES,
    within: "src/{flows,kit,testing}/**/*.ts",
    after: /(?:\bpurpose: |, |\(|\[)$/,
    page: "docs/data-model.md",
  },
  PROOF_PURPOSES: {
    words: PROOF_PURPOSES,
    within: "src/{flows,kit,testing}/**/*.ts",
    after: /(?:\bpurpose: |, |\(|\[)$/,
    page: "docs/data-model.md",
  },
  KEY_PURPOSES: {
    words: KEY_PURPOSES,
    within: "src/{create-auth.ts,kit/**/*.ts}",
    after: /\bkeys\($/,
    page: "docs/keys.md",
  },
  "error codes": {
    words: ERROR_CODES,
    within: "src/!(client|testing)/**/*.ts",
    after: /(?:\(|\[|\? |: |=> )$/,
    page: "docs/errors.md",
  },
};

describe.each(Object.entries(LISTS))("%s", (_name, { words, within, after, page, forFeatures = [] }) => {
  test("has words, and each of them once", () => {
    expect(words.length).toBeGreaterThan(2);
    expect(new Set(words).size).toBe(words.length);
  });

  test("each word is used", () => {
    const used = new Set(globSync(within, { cwd: rootPath(".") }).flatMap((file) => wordsIn(file, after)));
    expect(words.filter((word) => !used.has(word) && !forFeatures.includes(word))).toEqual([]);
    expect(forFeatures.filter((word) => !words.includes(word))).toEqual([]);
  });

  test("each word is explained", () => {
    const explained = new Set(codeSpans(readPage(page)));
    expect(words.filter((word) => !explained.has(word))).toEqual([]);
  });
});

/** The texts in double quotes that follow `after` in their line. */
function wordsIn(file: string, after: RegExp): readonly string[] {
  return readPage(file)
    .split("\n")
    .flatMap((line) =>
      [...line.matchAll(/"([\w-]+)"/g)].filter(({ index }) => after.test(startOf(line, index))),
    )
    .map(([, word = ""]) => word);
}

/** What stands before the word; at the beginning of a line, as for an argument of its own: `(`. */
function startOf(line: string, index: number): string {
  const before = line.slice(0, index);
  return before.trim() === "" ? "(" : before;
}
