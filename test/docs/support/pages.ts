import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../", import.meta.url);

/** Every page that a reader may open, by its path from the root. */
export const PAGES: readonly string[] = globSync("{*.md,docs/**/*.md}", { cwd: fileURLToPath(ROOT) }).sort();

export function rootPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

export function readPage(path: string): string {
  return readFileSync(rootPath(path), "utf8");
}

export interface CodeBlock {
  readonly page: string;
  readonly language: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** The fenced blocks of a page, in order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  const text = readPage(page);
  return [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms)].map(
    ({ 1: language = "", 2: code = "", index }) => ({
      page,
      language,
      line: text.slice(0, index).split("\n").length + 1,
      code,
    }),
  );
}

export interface NamedBlock extends CodeBlock {
  /** The file that it is, by the line before it. */
  readonly name: string;
}

/** The blocks that are files: the line before each begins with the name, such as `server.ts`. */
export function namedBlocks(page: string): readonly NamedBlock[] {
  const lines = readPage(page).split("\n");
  return codeBlocks(page).flatMap((block) => {
    const name = /^`([^`]+\.\w+)`/.exec(lines[block.line - 4] ?? "")?.[1]; // then an empty line, and the fence
    return name === undefined ? [] : [{ ...block, name }];
  });
}

/** The one block of a page in this language that holds this text. */
export function codeBlock(page: string, language: string, text: string): string {
  const found = codeBlocks(page).filter((block) => block.language === language && block.code.includes(text));
  if (found.length !== 1) throw new TypeError(`${page} has ${found.length} ${language} blocks with ${text}`);
  return found[0]?.code as string;
}

/** The page without its code, where `[a](b)` and `#` mean nothing. */
export function prose(page: string): string {
  return withoutBlocks(readPage(page));
}

function withoutBlocks(text: string): string {
  return text.replace(/^ *```.*?^ *```$/gms, "");
}

/** The anchors of a text's headings, as they are made for Markdown on the web. */
export function anchorsOf(text: string): readonly string[] {
  const headings = [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Where the links of a text lead, as they are written. */
export function linksOf(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]*)\)/g)].map((match) => match[1] as string);
}

/** Reads a file of the source, or of an installed package. Null: there is no such file. */
type Reader = (path: string) => string | null;

/** The links of these pages that lead to no file, or to no heading, as `page: link`. */
export function brokenLinks(pages: readonly string[], read: Reader): readonly string[] {
  return pages.flatMap((page) =>
    linksOf(read(page) ?? "")
      .filter((link) => !leadsSomewhere(page, link, read))
      .map((link) => `${page}: ${link}`),
  );
}

function leadsSomewhere(page: string, link: string, read: Reader): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path ? join(dirname(page), path) : page;
  const text = read(target);
  if (text === null) return false;
  return anchor === undefined || (target.endsWith(".md") && anchorsOf(text).includes(anchor));
}

/** The text below one heading, up to the next of its rank or above. */
export function section(page: string, heading: string): string {
  const lines = readPage(page).split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start < 0) throw new TypeError(`${page} has no heading ${heading}`);
  const rank = lines[start]?.indexOf(" ") as number;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && line.indexOf(" ") <= rank);
  return rest.slice(0, end < 0 ? undefined : end).join("\n");
}

/** The rows of a section's tables, without their heads: the cells as they are written. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  const cells = rows.map((line) =>
    line
      .slice(1, line.lastIndexOf("|"))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
  const isRule = (row: readonly string[] | undefined): boolean =>
    row?.every((cell) => /^-+$/.test(cell)) === true;
  return cells.filter((row, index) => !isRule(row) && !isRule(cells[index + 1]));
}

/** The code spans of a text, without their ticks. */
export function codeSpans(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
}
