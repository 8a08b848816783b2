// The lists of files for a change: every file is there, shows its part, and no list forgets a file of its kind.
import { existsSync, globSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CREDENTIAL_KINDS, EVENTS } from "../../src/domain/vocabulary.ts";
import { MAIL_ROUTES, ROUTES } from "../../src/testing/http/routes.ts";
import { mailRoutes, routes } from "../support/routes.ts";
import { optionPaths } from "./support/option-paths.ts";
import { codeBlock, codeSpans, readPage, rootPath, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/contributing/changing.md";
/** How many files a change may touch at most, generated files and its tests apart. */
const LISTS: Readonly<Record<string, number>> = {
  "An event": 4,
  "An option": 5,
  "A route with a client method": 14,
  "A store verb": 5,
  "A database": 11,
  "A feature": 8,
};

interface Row {
  readonly file: string;
  readonly there: string;
  readonly what: string;
}

function rowsOf(heading: string): readonly Row[] {
  return tableRows(section(PAGE, heading))
    .filter((cells) => cells.length === 3)
    .map(([file = "", there = "", what = ""]) => ({
      file: /\[([^\]]+)\]\(/.exec(file)?.[1] ?? codeSpans(file)[0] ?? "",
      there: codeSpans(there)[0] ?? "",
      what,
    }));
}

const filesOf = (heading: string): readonly string[] => rowsOf(heading).map(({ file }) => file);
const holding = (pattern: string, text: string): readonly string[] =>
  globSync(pattern, { cwd: rootPath(".") }).filter((file) => readPage(file).includes(text));

test("the page has these lists, and no other", () => {
  const headings = [...readPage(PAGE).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(Object.keys(LISTS));
});

describe.each(Object.entries(LISTS))("%s", (heading, most) => {
  const rows = rowsOf(heading);

  test(`takes ${most} files at most, each once`, () => {
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.length).toBeLessThanOrEqual(most);
    expect(new Set(filesOf(heading)).size).toBe(rows.length);
  });

  test.each(rows.filter(({ file }) => !file.includes("<")))("$file shows $there", ({ file, there, what }) => {
    expect(there).not.toBe("");
    expect(what).not.toBe("");
    expect(readPage(file)).toContain(there);
  });
});

test("the files of an event hold every event", () => {
  const [list, flow, ...pages] = filesOf("An event");
  expect(list).toBe("src/domain/vocabulary.ts");
  expect(flow).toMatch(/^src\/flows\//);
  for (const page of pages) {
    const words = codeSpans(readPage(page));
    expect(Object.keys(EVENTS).filter((type) => !words.includes(type))).toEqual([]);
  }
});

test("the files of an option hold every option", () => {
  const [types = "", schema = "", , , page = ""] = filesOf("An option");
  const options = optionPaths(types, "AuthOptions", /^$/);
  expect(options.length).toBeGreaterThan(10);
  for (const option of options) {
    expect(readPage(schema)).toMatch(new RegExp(`^ {4}${option}(?::|,$)`, "m"));
    expect(readPage(page)).toMatch(new RegExp(`^\\| \`${option}[\`.]`, "m"));
  }
});

test("the files of a route hold every route, and every flow is bound", () => {
  const files = filesOf("A route with a client method");
  expect(files).toEqual(expect.arrayContaining(["src/testing/http/routes.ts", "docs/quickstart.md"]));
  const asked = ROUTES.map(({ method, path }) => `${method} ${path}`);
  for (const { method, path } of routes) {
    expect(asked).toContain(`${method} ${path}`);
    expect(readPage("docs/quickstart.md")).toContain(`${method} /auth${path}`);
  }
  const mailed = MAIL_ROUTES.map(({ method, path }) => `${method} ${path}`);
  for (const { method, path } of mailRoutes) {
    expect(mailed).toContain(`${method} ${path}`);
    expect(readPage("docs/recovery.md")).toContain(`${method} /auth${path}`);
  }
  const bound = readPage("src/bind-flows.ts");
  const flows = globSync("src/flows/**/*.ts", { cwd: rootPath(".") });
  expect(flows.filter((flow) => !bound.includes(flow.slice("src".length)))).toEqual([]);
});

test("no file is forgotten that has a part of the example of a route", () => {
  const listed = filesOf("A route with a client method");
  const sources = globSync("src/{*,{api,contract,client,flows}/**/*}.ts", { cwd: rootPath(".") });
  const parts =
    /\breauthenticate\(|\bflows\/account\/reauthenticate\b|\b[Rr]eauthenticate(?:d|dOutput|Input)\b|"\/reauthenticate"/;
  const naming = sources.filter((file) => parts.test(readPage(file)));
  expect(naming.length).toBeGreaterThan(8);
  expect(naming.filter((file) => !listed.includes(file))).toEqual([]);
});

test("the files of a store verb are the port, its suite, its wrapper and every adapter", () => {
  const files = filesOf("A store verb");
  const adapters = holding("src/adapters/**/*.ts", "Object.freeze<UserStore>(");
  expect(adapters.length).toBeGreaterThan(1);
  expect(files.filter((file) => file.startsWith("src/adapters/")).sort()).toEqual([...adapters].sort());
  const wrappers = holding("src/kit/**/*.ts", "Verbs<UserStore>");
  expect(files.filter((file) => file.startsWith("src/kit/"))).toEqual(wrappers);
  expect(files).toEqual(
    expect.arrayContaining([...holding("src/ports/*.ts", "export interface UserStore ")]),
  );
});

test("the files of a database are all that tell databases apart by name", () => {
  const files = filesOf("A database");
  const naming = globSync("{src/{adapters,cli},test/support}/**/*.ts", { cwd: rootPath(".") }).filter(
    (file) => /"postgres"|\bpostgresDialect\b|^ {2}postgres:/m.test(readPage(file)),
  );
  expect(naming.filter((file) => !files.includes(file))).toEqual([]);
});

test("the folder of a feature is not there before its first feature", () => {
  const [folder = ""] = filesOf("A feature").filter((file) => file.includes("<"));
  expect(folder).toBe("features/<name>/");
  const features = globSync("src/features/*/", { cwd: rootPath(".") });
  for (const feature of features) expect(existsSync(rootPath(`${feature}/index.ts`))).toBe(true);
  expect(readPage(".dependency-cruiser.cjs").includes('onlySees("features"')).toBe(features.length > 0);
  expect(CREDENTIAL_KINDS.length).toBeGreaterThan(1);
});

test("the example of a feature runs behind every gate that the page names", () => {
  const example = codeBlock(PAGE, "ts", "defineFeature(");
  expect(example).toMatch(/^\/\/ src\/features\/\w+\/index\.ts\n/);
  const rules = section(PAGE, "A feature").split("Four rules hold")[1] ?? "";
  const names = codeSpans(rules).filter((name) => /^\w+$/.test(name));
  expect(names).toEqual(["signIn", "answerChallenge", "prove", "renewProof", "featureBudget"]);
  const sources = globSync("src/{kit,config}/**/*.ts", { cwd: rootPath(".") }).map((file) => readPage(file));
  for (const name of names)
    expect(
      sources.some((source) => new RegExp(`^export (?:async )?function ${name}\\b`, "m").test(source)),
    ).toBe(true);
});
