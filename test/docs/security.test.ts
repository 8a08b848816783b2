import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { prose, readPage, rootPath, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/audit/security.md";
const HEADINGS = [...readPage(PAGE).matchAll(/^## (G(\d+): .+)$/gm)].map(([, heading = "", number = ""]) => ({
  heading,
  number,
  file:
    globSync(`test/security/g${number.padStart(2, "0")}-*.test.ts`, { cwd: rootPath(".") })[0] ?? "no test",
}));

test("the guarantees are there from G1 on, without a gap", () => {
  expect(HEADINGS.map(({ number }) => Number(number))).toEqual(HEADINGS.map((_, index) => index + 1));
  expect(HEADINGS.length).toBeGreaterThanOrEqual(12);
});

test.each(HEADINGS)("$heading names the file that decides it, and links its tests", ({ heading, file }) => {
  const text = section(PAGE, heading);
  expect(text).toContain(`(../../${file})`);
  expect(text).toMatch(/\(\.\.\/\.\.\/src\/[\w/-]+\.ts\)/);
});

test("every file of test/security is linked", () => {
  const files = globSync("test/security/**/*.test.ts", { cwd: rootPath(".") });
  expect(files.filter((file) => /\/g\d\d-/.test(file)).length).toBe(HEADINGS.length);
  expect(files.filter((file) => !readPage(PAGE).includes(`(../../${file})`))).toEqual([]);
});

test("a test file is named after its guarantee, and so is the row of the README", () => {
  const rows = tableRows(section("README.md", "Security"));
  expect(rows.map(([number]) => number)).toEqual(HEADINGS.map(({ number }) => `G${number}`));
  for (const [index, { heading, file }] of HEADINGS.entries()) {
    const words = heading.toLowerCase().split(" ").slice(1);
    const name = /g\d+-(.*)\.test\.ts/.exec(file)?.[1]?.split("-") ?? [];
    expect(name.filter((word) => !words.includes(word))).toEqual([]);
    expect(rows[index]?.[1]).toBe(heading.replace(/^G\d+: /, ""));
  }
});

test("SECURITY.md says how to report, and invents neither an address nor a page", () => {
  const text = prose("SECURITY.md");
  expect(text).toContain("security advisory");
  expect(text).not.toMatch(/[\w.]+@[\w-]+\.\w+|https?:/);
});
