import { existsSync, globSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  anchorsOf,
  brokenLinks,
  codeSpans,
  linksOf,
  PAGES,
  prose,
  readPage,
  rootPath,
} from "./support/pages.ts";

const { scripts, exports, bin } = JSON.parse(readPage("package.json"));

/** The pages of the examples have links, too, but their commands are tried elsewhere. */
const LINKED = [...PAGES, ...globSync("examples/**/*.md", { cwd: rootPath(".") })];

test("every link of every page leads to a file that exists, and to a heading that exists", () => {
  expect(LINKED.flatMap((page) => linksOf(readPage(page))).length).toBeGreaterThan(200);
  expect(LINKED.length).toBeGreaterThan(PAGES.length + 4);
  expect(brokenLinks(LINKED, readFile)).toEqual([]);
});

function readFile(path: string): string | null {
  return existsSync(rootPath(path)) && statSync(rootPath(path)).isFile() ? readPage(path) : null;
}

test("no two headings of a page have one anchor", () => {
  for (const page of LINKED) {
    const anchors = anchorsOf(readPage(page));
    expect([page, new Set(anchors).size]).toEqual([page, anchors.length]);
  }
});

test("the only addresses are those of the reader's own machine, and names that nobody has (RFC 2606)", () => {
  for (const page of PAGES) {
    const hosts = [...readPage(page).matchAll(/https?:\/\/([^\s/:)>`"]+)/g)].map((match) => match[1]);
    const named = SERVICES[page] ?? [];
    const others = hosts.filter((host) => !isNobodys(host as string) && !named.includes(host as string));
    expect([page, others]).toEqual([page, []]);
  }
});

/** Services that a page is about by name. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "docs/mail.md": ["api.resend.com", "api.postmarkapp.com"],
};

function isNobodys(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || host.endsWith(".example");
}

test("every page for users is in the index, every other page in that for auditors, and the index in the README", () => {
  const pages = PAGES.filter((page) => page.startsWith("docs/") && !page.endsWith("/README.md"));
  const indices = ["docs/README.md", "docs/audit/README.md"];
  const [forUsers = [], forAuditors = []] = indices.map((index) =>
    linksOf(readPage(index)).map((link) => join(dirname(index), link)),
  );
  const isInside = (page: string): boolean => /^docs\/(?:audit|contributing)\//.test(page);
  expect(pages.filter((page) => !(isInside(page) ? forAuditors : forUsers).includes(page))).toEqual([]);
  expect(forUsers.filter(isInside)).toEqual([]);
  expect(linksOf(readPage("README.md"))).toContain("docs/README.md");
});

test('no page says "this repository": a reader of the package has none', () => {
  expect(LINKED.filter((page) => /\b(?:this|our)\s+repository\b/i.test(readPage(page)))).toEqual([]);
});

test("every file that a page names in the text exists", () => {
  const named = PAGES.flatMap((page) =>
    codeSpans(prose(page)).filter((span) => /^(?:src|test|docs|examples|scripts|\.ci)\/[\w./-]+$/.test(span)),
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
  const forPeople = Object.keys(scripts).filter((name) => !/^prep/.test(name)); // npm runs those
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
