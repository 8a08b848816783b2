import { existsSync, globSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { memoryStore } from "sallyport";
import { expect, test } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import { createContext } from "../../src/create-auth.ts";
import { emailGate } from "../../src/gates/email.ts";
import { secondFactor } from "../../src/gates/second-factor.ts";
import { SECRET } from "../support/harness.ts";
import { codeSpans, readPage, rootPath, section, tableRows } from "./support/pages.ts";

interface Rule {
  readonly name: string;
  readonly from: { readonly path?: string };
}

const PAGE = "docs/audit/architecture.md";
const { forbidden } = createRequire(import.meta.url)(rootPath(".dependency-cruiser.cjs")) as {
  readonly forbidden: readonly Rule[];
};
const ROOMS = tableRows(section(PAGE, "The house")).map(([name = "", where, , seen]) => ({
  name: codeSpans(name)[0] ?? "",
  where: codeSpans(where ?? ""),
  seen: codeSpans(seen ?? ""),
}));
const ruleOf = (room: string): RegExp => new RegExp(`^${room}-sees-only-[a-z]+(?:-[a-z]+)*$`);

test.each(ROOMS)("$name may import what the page says, and lies where it says", ({ name, where, seen }) => {
  const rule = forbidden.find((one) => one.name === `${name}-sees-only-${seen.join("-") || "itself"}`);
  const isHere = new RegExp(rule?.from.path ?? "no such rule");
  for (const path of where) {
    const inside = statSync(rootPath(path)).isFile() ? path : `${path}/a-file.ts`;
    expect([path, isHere.test(inside)]).toEqual([path, true]);
  }
});

test("the page has every room that may see certain others only, and no other", () => {
  const known = ROOMS.map(({ name }) => name);
  expect(known.length).toBeGreaterThan(15);
  const ruled = new Set(forbidden.map((rule) => /^([a-z]+)-sees-only-/.exec(rule.name)?.[1]).filter(Boolean));
  expect([...ruled].sort()).toEqual([...known].sort());
  for (const { name } of ROOMS) expect(forbidden.some((rule) => ruleOf(name).test(rule.name))).toBe(true);
});

test("every file and folder of src has its place on the page", () => {
  const named = codeSpans(section(PAGE, "The house"));
  const missing = readdirSync(rootPath("src")).filter((entry) => !named.includes(`src/${entry}`));
  expect(missing).toEqual([]);
});

test("every path that the page names exists, in its pictures too", () => {
  const paths = readPage(PAGE).match(/\b(?:src|test|examples|docs|bench|scripts)\/[\w./-]*\w/g) ?? [];
  expect(paths.length).toBeGreaterThan(80);
  expect([...new Set(paths)].filter((path) => !existsSync(rootPath(path)))).toEqual([]);
});

const DECISIONS = tableRows(section(PAGE, "The line that decides"));

test("every flow is in the table of what decides", () => {
  const listed = DECISIONS.flatMap(([flow = ""]) => codeSpans(flow));
  expect(listed.sort()).toEqual([...globSync("src/flows/**/*.ts", { cwd: rootPath(".") })].sort());
});

test.each(DECISIONS)("%s: %s is declared where the page says", (_question, decides = "", where = "") => {
  const files = [...where.matchAll(/\[(src\/[^\]]+)\]/g)].map((match) => readPage(match[1] ?? ""));
  const names = codeSpans(decides);
  expect(names.length).toBeGreaterThan(0);
  const declared = (name: string) => new RegExp(`\\b(?:function|const) ${name}\\b`);
  expect(names.filter((name) => !files.some((text) => declared(name).test(text)))).toEqual([]);
});

test("every port is on the page, with an adapter that keeps it", () => {
  const rows = tableRows(section(PAGE, "What the ports promise"));
  const listed = rows.map(([port = ""]) => /\[([^\]]+)\]/.exec(port)?.[1] ?? "");
  expect([...listed].sort()).toEqual([...globSync("src/ports/*.ts", { cwd: rootPath(".") })].sort());
  for (const [, promise, adapters = ""] of rows) {
    expect(promise).not.toBe("");
    expect(codeSpans(adapters).length).toBeGreaterThan(0);
  }
});

test("the steps of a login come in the order of the code", () => {
  inOrder("src/flows/account/login.ts", "login", [
    "parseInput(",
    "deviceTokens.read(",
    "enforceLimits(",
    "attempt(",
    "check(",
    "await rehash(",
    "signIn(",
  ]);
  inOrder("src/flows/account/login.ts", "check", [
    "findForLogin(",
    "knownDevice(",
    "countAgain(",
    "verifyPassword(",
    "judge(",
  ]);
  inOrder("src/kit/attempt.ts", "compare", ["judge(", "await refund("]);
  inOrder("src/kit/sign-in.ts", "signIn", ["ctx.gates", "gate.ask(", "park(", "open("]);
  inOrder("src/kit/sign-in.ts", "open", [
    "sign()",
    "trying.commit(",
    "claim(",
    "takeSpends(",
    "endReplaced(",
    "openSession(",
  ]);
  inOrder("src/kit/sign-in.ts", "claim", ["users.admit("]);
  inOrder("src/kit/attempt.ts", "commitEvent", ["store.transaction(", "events.append(", "announceEvent("]);
});

/** The steps occur in one function of the file, each after the one before. */
function inOrder(file: string, name: string, steps: readonly string[]): void {
  const [, body = ""] =
    new RegExp(`^(?:export )?(?:async )?function ${name}\\b(.*?)^}$`, "ms").exec(readPage(file)) ?? [];
  const places = steps.map((step) => body.indexOf(step));
  expect([name, Math.min(...places)]).not.toEqual([name, -1]);
  expect([name, ...places]).toEqual([name, ...[...places].sort((a, b) => a - b)]);
}

test("every sign-in takes the one way in, and every answer goes through the gates again", () => {
  const opens = globSync("src/{flows,kit}/**/*.ts", { cwd: rootPath(".") }).filter((file) =>
    /\bopenSession\(/.test(readPage(file)),
  );
  expect(opens.sort()).toEqual(["src/kit/open-session.ts", "src/kit/sign-in.ts"]);
  for (const file of ["src/flows/account/signup.ts", "src/kit/answer-challenge.ts"])
    expect(readPage(file)).toMatch(/await signIn\(ctx, trying,/);
});

test("what the page says of state is so: two gates, no way without a feature, and caches of 10,000", () => {
  const ctx = createContext(parseOptions({ secret: SECRET, store: memoryStore() }));
  expect(ctx.gates).toEqual([emailGate, secondFactor]);
  expect(ctx.ways).toEqual([]);
  expect(codeSpans(section(PAGE, "What the ports promise"))).toContain("[emailGate, secondFactor]");
  for (const file of ["src/create-auth.ts", "src/kit/session-check.ts"])
    expect(readPage(file)).toMatch(/const MAX_CACHED_\w+ = 10_000;/);
  expect(section(PAGE, "Where state lives").match(/at most 10,000/g)).toHaveLength(2);
});
