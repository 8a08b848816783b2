import ts from "typescript";
import { expect, test } from "vitest";
import { type CodeBlock, codeBlocks, namedBlocks, PAGES, rootPath } from "./support/pages.ts";

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
    "tsx",
  ]);
});

test("every TypeScript block compiles as it stands, as strictly as the library", () => {
  expect(complaints(new Map(BLOCKS.map((block) => [fileOf(block), block])), {})).toEqual([]);
});

test("the files of an application on Next.js compile beside each other, as its bundler finds them", () => {
  const page = "docs/frameworks/nextjs.md";
  const blocks = namedBlocks(page);
  const inPages = PAGES.flatMap(codeBlocks).filter(({ language }) => language === "tsx");
  expect(blocks.map(({ line }) => line)).toEqual(inPages.map(({ line }) => line)); // none stands alone
  const files = new Map<string, CodeBlock>(
    blocks.map((block) => [rootPath(`docs/next/${block.name}`), block]),
  );
  const bundled = {
    ...{
      jsx: ts.JsxEmit.ReactJSX,
      module: ts.ModuleKind.ESNext,
      declaration: false,
      isolatedDeclarations: false,
    },
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  expect(complaints(files, bundled)).toEqual([]);
});

/** What the compiler says about blocks that stand in these files. */
function complaints(files: ReadonlyMap<string, CodeBlock>, changed: ts.CompilerOptions): readonly string[] {
  const { config } = ts.readConfigFile(rootPath("tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, rootPath("."));
  const host = ts.createCompilerHost({ ...options, ...changed });
  const { fileExists, readFile, directoryExists } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file)?.code ?? readFile(file);
  host.directoryExists = (folder) =>
    [...files.keys()].some((file) => file.startsWith(`${folder}/`)) || (directoryExists?.(folder) ?? true);
  const program = ts.createProgram([...files.keys()], { ...options, ...changed }, host);
  return [...files].flatMap(([name, { page, line }]) => {
    const file = program.getSourceFile(name) as ts.SourceFile;
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ start = 0, messageText }) => {
      const at = line + file.getLineAndCharacterOfPosition(start).line;
      return `${page}:${at}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}
