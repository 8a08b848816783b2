import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { manifest, pinned, ROOT } from "../../scripts/smoke-package.ts";
import { inConsumer } from "./installed.ts";

const PAPERS = ["CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "SECURITY.md", "package.json"];
const BUILT_OR_DOCUMENT =
  /^(dist\/[\w.-]+\.(js|d\.ts)|docs\/(?:frameworks\/)?[\w-]+\.md|docs\/contracts\/[\w-]+\.yaml)$/;

const installed = (path: string): string => join(inject("consumer"), "node_modules/sallyport", path);

test("the tarball holds the built files, the documents and the papers, and nothing else", () => {
  const { files } = inject("packed");
  const others = files.filter((path) => !BUILT_OR_DOCUMENT.test(path));
  expect(PAPERS).toEqual(expect.arrayContaining(others));
  expect(others).toEqual(expect.arrayContaining(["LICENSE", "NOTICE", "package.json"]));
});

test("every file that package.json points to is in the tarball", () => {
  const targets = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry),
  );
  const wanted = [...targets, ...Object.values(manifest.bin)].map((path) => path.replace(/^\.\//, ""));
  expect(inject("packed").files).toEqual(expect.arrayContaining(wanted));
});

test("nothing in it names the machine that built it", () => {
  const names = readdirSync(installed("dist"));
  expect(names.length).toBeGreaterThan(0);
  const telling = names.filter((name) => {
    const text = readFileSync(installed(join("dist", name)), "utf8");
    return text.includes(ROOT) || text.includes(homedir()) || text.includes("sourceMappingURL");
  });
  expect(telling).toEqual([]);
});

const builtCode = (): string =>
  readdirSync(installed("dist"))
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(installed(join("dist", name)), "utf8"))
    .join("\n");

test("the sqlite entry still asks for node:sqlite by its whole name", () => {
  const built = builtCode();
  expect(built).toContain('"node:sqlite"');
  expect(built).not.toMatch(/(from|import|\() *["']sqlite["']/);
});

test("of zod, only the small part is in dist: one import of the whole would bring the rest", () => {
  const built = builtCode();
  expect(built).toContain("node_modules/zod/v4/mini/");
  expect(built).not.toContain("node_modules/zod/v4/classic/");
});

test("NOTICE names the version of zod whose code is in dist", () => {
  expect(readFileSync(installed("NOTICE"), "utf8")).toContain(pinned("zod").replace("@", " "));
});

test("the command runs as npx finds it, and its secrets are secrets", async () => {
  const first = await inConsumer("npx", "--no-install", "sallyport", "secret");
  const second = await inConsumer(join("node_modules", ".bin", "sallyport"), "secret");
  expect(first.stdout).toMatch(/^[\w-]{43}\n$/);
  expect(second.stdout).toMatch(/^[\w-]{43}\n$/);
  expect(first.stdout).not.toBe(second.stdout);
  const version = await inConsumer(join("node_modules", ".bin", "sallyport"), "--version");
  expect(version.stdout).toBe(`${manifest.version}\n`);
  expect(statSync(installed(manifest.bin["sallyport"] ?? "")).mode & 0o111).not.toBe(0);
});

test("the command answers a mistake with exit code 2", async () => {
  const mistake = inConsumer(join("node_modules", ".bin", "sallyport"), "hunter2");
  await expect(mistake).rejects.toMatchObject({ code: 2, stdout: "" });
});

test.each(["express", "fastify", "hono"])("the adapter for %s is thin: under 6 kB", (framework) => {
  expect(statSync(installed(`dist/${framework}.js`)).size).toBeLessThan(6_000);
});
