import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { codeSpans, PAGES, prose, readPage, rootPath } from "./support/pages.ts";

const { scripts, exports, bin } = JSON.parse(readPage("package.json"));

/** The anchors of a page's headings, as they are made for Markdown on the web. */
function anchors(page: string): readonly string[] {
  const headings = [...prose(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function links(page: string): readonly string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]*)\)/g)].map((match) => match[1] as string);
}

test("every link of every page leads to a file that exists, and to a heading that exists", () => {
  const broken = PAGES.flatMap((page) =>
    links(page)
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  expect(PAGES.flatMap(links).length).toBeGreaterThan(40);
  expect(broken).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path ? join(dirname(page), path) : page;
  if (!existsSync(rootPath(target)) || !statSync(rootPath(target)).isFile()) return false;
  return anchor === undefined || (target.endsWith(".md") && anchors(target).includes(anchor));
}

test("no two headings of a page have one anchor", () => {
  for (const page of PAGES) expect([page, new Set(anchors(page)).size]).toEqual([page, anchors(page).length]);
});

test("the only addresses are those of the reader's own machine, and names that nobody has (RFC 2606)", () => {
  for (const page of PAGES) {
    const hosts = [...readPage(page).matchAll(/https?:\/\/([^\s/:)>`"]+)/g)].map((match) => match[1]);
    expect([page, hosts.filter((host) => !isNobodys(host as string))]).toEqual([page, []]);
  }
});

function isNobodys(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || host.endsWith(".example");
}

test("every page of the documentation is in its index, and the index is in the README", () => {
  const pages = PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/README.md");
  expect(pages.filter((page) => !links("docs/README.md").includes(page.slice("docs/".length)))).toEqual([]);
  expect(links("README.md")).toContain("docs/README.md");
});

test("every file that a page names in the text exists", () => {
  const named = PAGES.flatMap((page) =>
    codeSpans(prose(page)).filter((span) => /^(?:src|test|\.ci)\//.test(span)),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(rootPath(path)))).toEqual([]);
});

test("every script that a page names exists, and CONTRIBUTING names every script", () => {
  const named = (text: string): readonly string[] =>
    [...text.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g)].map((match) => match[1] ?? (match[2] as string));
  for (const page of PAGES) {
    const unknown = named(readPage(page)).filter((name) => !(name in scripts));
    expect([page, unknown]).toEqual([page, []]);
  }
  const forPeople = Object.keys(scripts).filter((name) => name !== "prepack"); // npm runs that one
  expect(forPeople.filter((name) => !named(readPage("CONTRIBUTING.md")).includes(name))).toEqual([]);
});

test("the README lists every entry point of the package, and no other", () => {
  const entries = Object.keys(exports).filter((path) => path !== "./package.json");
  const packageNames = entries.map((path) => path.replace(/^\./, "sallyport"));
  const listed = codeSpans(prose("README.md")).filter((span) => /^sallyport(?:\/|$)/.test(span));
  expect([...new Set(listed)].sort()).toEqual(packageNames.sort());
  expect(Object.keys(bin)).toEqual(["sallyport"]);
});

test(".env.example names what the quick start reads, and holds no secret", () => {
  const lines = readPage(".env.example").split("\n");
  const variables = lines.filter((line) => /^\w/.test(line)).map((line) => line.split("=")[0]);
  expect(variables).toEqual(["SALLYPORT_SECRET", "PORT"]);
  expect(lines).toContain("SALLYPORT_SECRET=");
  expect(readPage("README.md")).toContain('const { SALLYPORT_SECRET, PORT = "3000" } = process.env;');
});
