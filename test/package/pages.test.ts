// The pages as a user reads them: in the unpacked tarball, where nothing of the source is beside them.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, inject, test } from "vitest";
import { brokenLinks, linksOf } from "../docs/support/pages.ts";
import { installed } from "./installed.ts";

const { files } = inject("packed");
const PAGES = files.filter((path) => path.endsWith(".md"));

function read(path: string): string | null {
  return files.includes(path) ? readFileSync(installed(path), "utf8") : null;
}

test("every link of every page leads to a file of the tarball, and to a heading that exists", () => {
  expect(PAGES.length).toBeGreaterThan(30);
  expect(PAGES.flatMap((page) => linksOf(read(page) ?? "")).length).toBeGreaterThan(200);
  expect(brokenLinks(PAGES, read)).toEqual([]);
});

test("links lead from the README to every page", () => {
  const found = new Set(["README.md"]);
  for (const page of found)
    for (const link of linksOf(read(page) ?? "")) {
      const path = link.split("#")[0] ?? "";
      if (path.endsWith(".md")) found.add(join(dirname(page), path));
    }
  expect([...found].sort()).toEqual(PAGES);
});

test("the pages for auditors and contributors stay in the source", () => {
  const inside = /^docs\/(?:audit|contributing)\/|^CONTRIBUTING/;
  expect(files.filter((path) => inside.test(path))).toEqual([]);
});
