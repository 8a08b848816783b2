import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTANTS } from "../../scripts/mutants/all.ts";
import { occurrences } from "../../scripts/mutants/mutant.ts";
import { HEADING, mutantTable, PAGE } from "../../scripts/mutants/page.ts";
import { readPage, rootPath, section } from "./support/pages.ts";

const GUARANTEES = [...readPage(PAGE).matchAll(/^## (G\d+): /gm)].map(([, name = ""]) => name);

test("there are more than eighty mutants, some for each guarantee, and no two alike", () => {
  expect(MUTANTS.length).toBeGreaterThan(80);
  for (const guarantee of [...GUARANTEES, "Beyond the twelve"])
    expect(MUTANTS.filter((mutant) => mutant.guarantee === guarantee).length).toBeGreaterThanOrEqual(5);
  for (const keyOf of [
    ({ file, from, to }: (typeof MUTANTS)[number]) => JSON.stringify([file, from, to]),
    ({ guarantee, edit }: (typeof MUTANTS)[number]) => `${guarantee} ${edit}`,
  ]) {
    const keys = MUTANTS.map(keyOf);
    expect(keys.filter((key, index) => keys.indexOf(key) < index)).toEqual([]);
  }
});

test.each(MUTANTS)("$guarantee, $edit: it applies once, in $file", (mutant) => {
  expect(mutant.file).toMatch(/^src\//);
  expect(occurrences(readFileSync(rootPath(mutant.file), "utf8"), mutant)).toBe(1);
  expect(mutant.to).not.toBe(mutant.from);
});

test("each mutant has a test that its guarantee links", () => {
  const headings = new Map(
    [...readPage(PAGE).matchAll(/^## ((G\d+|Beyond the twelve).*)$/gm)].map(([, heading = "", name = ""]) => [
      name,
      heading,
    ]),
  );
  const unlinked = MUTANTS.filter(({ guarantee, stoppedBy }) => {
    const text = section(PAGE, headings.get(guarantee) ?? "");
    return !existsSync(rootPath(stoppedBy)) || !text.includes(`(../../${stoppedBy})`);
  });
  expect(unlinked.map(({ guarantee, stoppedBy }) => `${guarantee} ${stoppedBy}`)).toEqual([]);
});

test("the page lists the mutants of each guarantee: `npm run test:mutants -- --page` writes it", () => {
  expect(section(PAGE, HEADING)).toContain(mutantTable());
});
