import ts from "typescript";
import { expect, test } from "vitest";
import { type CodeBlock, codeBlocks, PAGES, rootPath } from "./support/pages.ts";

const BLOCKS = PAGES.flatMap(codeBlocks).filter(({ language }) => language === "ts");

/**
 * Where a block stands for the compiler: nowhere on the disk, but inside the repository and its packages. A block that
 * begins with the path of a file in `src` stands there: its imports lead to files of ours.
 */
function fileOf({ page, line, code }: CodeBlock): string {
  const [, place] = /^\/\/ (src\/\S+\.ts)\n/.exec(code) ?? [];
  if (place !== undefined) return rootPath(place);
  return rootPath(`docs/${page.replaceAll(/\W/g, "-")}-${line}.ts`);
}

test("there are blocks to compile, in the README and in the documentation", () => {
  expect(BLOCKS.filter(({ page }) => page === "README.md").length).toBeGreaterThan(0);
  expect(BLOCKS.filter(({ page }) => page.startsWith("docs/")).length).toBeGreaterThan(4);
});

test("code is marked by its language, so that none escapes the compiler", () => {
  const languages = new Set(PAGES.flatMap(codeBlocks).map(({ language }) => language));
  expect([...languages].sort()).toEqual([
    "dockerfile",
    "html",
    "http",
    "json",
    "mermaid",
    "nginx",
    "sh",
    "sql",
    "text",
    "ts",
  ]);
});

test("every TypeScript block compiles as it stands, as strictly as the library", () => {
  const { config } = ts.readConfigFile(rootPath("tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, rootPath("."));
  const texts = new Map(BLOCKS.map((block) => [fileOf(block), block.code]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  const program = ts.createProgram([...texts.keys()], options, host);

  const complaints = BLOCKS.flatMap((block) => {
    const file = program.getSourceFile(fileOf(block)) as ts.SourceFile;
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ start = 0, messageText }) => {
      const line = block.line + file.getLineAndCharacterOfPosition(start).line;
      return `${block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
  expect(complaints).toEqual([]);
});
