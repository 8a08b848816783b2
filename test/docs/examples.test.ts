// Examples of TSDoc: every `@example` in `src` compiles against the public entries, as strictly as the library.
//
// The convention: an example is a `ts` block in a fence, or code without one. It may use the names of
// `PRELUDE`, as if they were declared before it. It imports everything else from public entries, such as
// `sallyport/client`. When an example declares or imports a name of the prelude, the example's own counts.
import { globSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { readPage, rootPath } from "./support/pages.ts";

/** The names that an example may use without an import, with their types. */
const PRELUDE: Readonly<Record<string, string>> = {
  createAuth: 'typeof import("sallyport").createAuth',
  sqliteStore: 'typeof import("sallyport/sqlite").sqliteStore',
  auth: 'import("sallyport").Auth',
  store: 'import("sallyport").AuthStore',
  handler: 'import("sallyport/http").AuthHandler',
  verifier: 'import("sallyport/verifier").Verifier',
  client: 'import("sallyport/client").AuthClient',
  request: "Request",
  ip: "string",
  userAgent: "string",
  email: "string",
  password: "string",
  accessToken: "string",
  refreshToken: "string",
  challengeToken: "string",
  code: "string",
  link: "string",
  userId: "string",
  sessionId: "string",
};

interface Example {
  readonly file: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

const FILES = globSync("src/**/*.ts", { cwd: rootPath(".") }).sort();
const EXAMPLES = FILES.flatMap((file) => examplesIn(file, readPage(file)));

/** The code after each `@example`, up to the next tag or the end of the comment. */
function examplesIn(file: string, text: string): readonly Example[] {
  const comments = [...text.matchAll(/^ *\/\*\*\n.*?^ *\*\/$/gms)];
  return comments.flatMap((comment) =>
    [...comment[0].matchAll(/^ *\* @example\b.*?\n(.*?)(?=^ *\* @\w|^ *\*\/)/gms)].map((tag) => {
      const [, content = ""] = tag;
      const fence = /^ *\* ```ts\n(.*?)^ *\* ```$/ms.exec(content);
      const code = fence?.[1] ?? content;
      const start = comment.index + tag.index + tag[0].indexOf(content) + content.indexOf(code);
      return { file, line: text.slice(0, start).split("\n").length, code: code.replace(/^ *\* ?/gm, "") };
    }),
  );
}

/** An example as a module, on one line after the names of the prelude that it does not make itself. */
function moduleOf({ code }: Example): string {
  const own = new Set(declaredIn(code));
  const assumed = Object.entries(PRELUDE).filter(([name]) => !own.has(name));
  return `export {}; ${assumed.map(([name, type]) => `declare const ${name}: ${type};`).join(" ")}\n${code}`;
}

/** The names that the top level of a code declares or imports. */
function declaredIn(code: string): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const isDeclared =
      ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isImportSpecifier(node);
    if (isDeclared && ts.isIdentifier(node.name)) names.push(node.name.text);
    if (!ts.isBlock(node) && !ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest));
  return names;
}

/** What the compiler says of examples, as `file:line: message`. */
function complaintsOf(examples: readonly Example[]): readonly string[] {
  const { config } = ts.readConfigFile(rootPath("tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, rootPath("."));
  const pathOf = (index: number): string => rootPath(`docs/example-${index}.ts`);
  const texts = new Map(examples.map((example, index) => [pathOf(index), moduleOf(example)]));
  // An example may leave a name unused, and writes `process.env.NAME` as most readers do.
  const style = { noUnusedLocals: false, noPropertyAccessFromIndexSignature: false };
  const settings = { ...options, ...style, isolatedDeclarations: false, declaration: false };
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  const program = ts.createProgram([...texts.keys()], settings, host);
  return examples.flatMap(({ file, line }, index) => {
    const source = program.getSourceFile(pathOf(index)) as ts.SourceFile;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const at = line + source.getLineAndCharacterOfPosition(start).line - 1;
      return `${file}:${at}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}

test("there are examples where a reader begins", () => {
  const files = new Set(EXAMPLES.map(({ file }) => file));
  expect([...files]).toEqual(
    expect.arrayContaining(["src/client/create-auth-client.ts", "src/client/types.ts", "src/create-auth.ts"]),
  );
});

test("no example escapes the compiler", () => {
  const tags = FILES.flatMap((file) => [...readPage(file).matchAll(/(?<!\w)@example\b(?!\.)/g)]);
  expect(EXAMPLES.length).toBe(tags.length);
  const empty = EXAMPLES.filter(({ code }) => !code.trim() || code.includes("```"));
  expect(empty.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
});

test("an example imports from packages only, as a reader does", () => {
  const inner = EXAMPLES.filter(({ code }) => /(?:from|import) *\(?"\./.test(code));
  expect(inner.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
});

test("every example compiles as it stands, as strictly as the library, and a wrong one is named by file and line", {
  timeout: 120_000,
}, () => {
  // The wrong ones are compiled along: they show that the compiler looked.
  const complaints = complaintsOf([...EXAMPLES, ...examplesIn("wrong.ts", WRONG)]);
  expect(complaints).toEqual([
    expect.stringMatching(/^wrong\.ts:7: Property 'accessToken' does not exist/),
    expect.stringMatching(/^wrong\.ts:14: Property 'logOut' does not exist/),
  ]);
});

const WRONG = `/**
 * Signs in.
 *
 * @example
 * \`\`\`ts
 * const result = await client.login({ email, password });
 * result.accessToken;
 * \`\`\`
 * @example
 * \`\`\`ts
 * import { createAuthClient } from "sallyport/client";
 *
 * const client = createAuthClient();
 * client.logOut();
 * \`\`\`
 */
`;
