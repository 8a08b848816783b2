import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { manifest } from "../../scripts/smoke-package.ts";
import { program } from "./installed.ts";

const entries = Object.keys(manifest.exports).map((path) => path.replace(/^\./, "sallyport"));

describe.each(entries)("%s", (entry) => {
  test("loads by import and by require, with the same names", async () => {
    const imported: string[] = JSON.parse(await program("load.js", "import", entry));
    const required: string[] = JSON.parse(await program("load.js", "require", entry));
    const named = (names: string[]): string[] => names.filter((name) => !isInterop(name));
    expect(named(required)).toEqual(named(imported));
    expect(named(imported).length).toBeGreaterThan(0);
  });
});

function isInterop(name: string): boolean {
  return name === "__esModule" || name === "default";
}

test("import and require share one copy of every class and function", async () => {
  expect(await program("same-copy.js")).toBe("true");
});

test.each([
  ["sallyport", /kysely|sqlite|node:http|dist\/(http|testing|cli)\.js/],
  ["sallyport/http", /kysely|sqlite|dist\/(testing|cli)\.js/],
  ["sallyport/kysely", /node:sqlite|\/(pg|mysql2)\/|node:http|dist\/(http|sqlite|testing|cli)\.js/],
  [
    "sallyport/rate-limiter",
    /rate-limiter-flexible|redis|kysely|sqlite|node:http|dist\/(http|testing|cli)\.js/,
  ],
  [
    "sallyport/nodemailer",
    /node_modules\/(?!sallyport|nodemailer\/)|kysely|sqlite|dist\/(index|http|testing|cli)\.js/,
  ],
  ["sallyport/pwned-passwords", /node_modules\/(?!sallyport)|node:http|dist\/(index|http|testing|cli)\.js/],
  ["sallyport/testing", /kysely|node:sqlite|dist\/(http|sqlite|cli)\.js/],
])("loading %s loads no foreign driver and no other entry", async (entry, foreign) => {
  const urls: string[] = JSON.parse(await program("trace.js", entry));
  expect(urls.length).toBeGreaterThan(0);
  expect(urls.filter((url) => foreign.test(url))).toEqual([]);
});

test.each(["client", "client-mail", "client-storage"])(
  "sallyport/%s is one file, as pages are served it",
  async (entry) => {
    const urls: string[] = JSON.parse(await program("trace.js", `sallyport/${entry}`));
    expect(urls).toEqual([expect.stringMatching(new RegExp(`/sallyport/dist/${entry}\\.js$`))]);
  },
);

test("loading sallyport/react loads the application's own React alone, and no copy of ours", async () => {
  const urls: string[] = JSON.parse(await program("trace.js", "sallyport/react"));
  const others = urls.filter((url) => !/\/node_modules\/react\//.test(url));
  expect(others).toEqual([expect.stringMatching(/\/sallyport\/dist\/react\.js$/)]);
  expect(await program("react.js")).toBe("react: ok");
});

test("loading sallyport reads six files of ours, and no package", async () => {
  const urls: string[] = JSON.parse(await program("trace.js", "sallyport"));
  const files = [...new Set(urls.filter((url) => !url.startsWith("node:")))];
  const isOurs = (url: string): boolean => /\/sallyport\/dist\/(?:index|chunk-\w+)\.js$/.test(url);
  expect(files.filter((url) => !isOurs(url))).toEqual([]);
  expect(files.length).toBeLessThanOrEqual(6); // each costs as much as 7 kB of code
});

test("loading sallyport/verifier loads nothing of Node, and no package but jose", async () => {
  const urls: string[] = JSON.parse(await program("trace.js", "sallyport/verifier"));
  const parts = urls.map(
    (url) => /node_modules\/(jose|sallyport\/dist\/(?:verifier|errors|chunk-))/.exec(url)?.[1] ?? url,
  );
  const ours = ["verifier", "errors", "chunk-"].map((name) => `sallyport/dist/${name}`);
  expect(new Set(parts)).toEqual(new Set(["jose", ...ours]));
});

test.each(["express", "fastify", "hono"])(
  "loading sallyport/%s loads no framework, and no copy of ours",
  async (name) => {
    const urls: string[] = JSON.parse(await program("trace.js", `sallyport/${name}`));
    const own = JSON.parse(await program("trace.js", "sallyport/http")) as string[];
    const core = JSON.parse(await program("trace.js", "sallyport")) as string[];
    const adapter = expect.stringMatching(new RegExp(`/sallyport/dist/${name}\\.js$`));
    expect(urls.filter((url) => ![...own, ...core].includes(url))).toEqual([adapter]);
  },
);

test("sallyport/next works as it is installed, where Next.js answers for its modules", async () => {
  expect(await program("next.js")).toBe("next: ok");
});

test("what any entry throws is one class, the AuthError of the core", async () => {
  expect(await program("one-class.js")).toBe("one class: ok");
});

test("a token of the installed core is verified by the installed verifier", async () => {
  expect(await program("verifier.js")).toBe("verifier: ok");
});

test("limits are counted by a backend of the application's own rate-limiter-flexible", async () => {
  expect(await program("limiter.js")).toBe("limiter: ok");
});

test("signup, login and logout hold from the memory store", async () => {
  expect(await program("round-trip.js", "memory")).toBe("memory: ok");
});

test("signup, login and logout hold from a SQLite file: node:sqlite survived the build", async () => {
  const path = join(inject("consumer"), "round-trip.db");
  expect(await program("round-trip.js", "sqlite", path)).toBe("sqlite: ok");
});
