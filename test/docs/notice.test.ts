import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadCommonWords } from "../../src/domain/common-passwords.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("NOTICE names the version of what the package bundles, with its licence", () => {
  const { devDependencies } = JSON.parse(read("package.json"));
  expect(read("tsup.config.ts")).toContain('noExternal: ["zod"]');
  expect(read("NOTICE")).toContain(`zod ${devDependencies.zod} `);
  const licence = (text: string): string => text.replace(/\s+/g, " ").trim();
  expect(licence(read("NOTICE"))).toContain(licence(read("node_modules/zod/LICENSE")));
});

test("NOTICE counts the words of the lists", async () => {
  const { size } = await loadCommonWords();
  expect(read("NOTICE")).toContain(`${size.toLocaleString("en")} folded words`);
});
