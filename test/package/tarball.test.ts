import { globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { expect, inject, test } from "vitest";
import { manifest, newFolder, packTarball, pinned, ROOT, removeFolder } from "../../scripts/smoke-package.ts";
import { inConsumer, installed } from "./installed.ts";

const PAPERS = [
  "CHANGELOG.md",
  "LICENSE",
  "NOTICE",
  "README.md",
  "SECURITY.md",
  "package.json",
  "sbom.cdx.json",
];
const BUILT_OR_DOCUMENT =
  /^(dist\/[\w.-]+\.(js|d\.ts)|docs\/(?:frameworks\/)?[\w-]+\.md|docs\/contracts\/[\w-]+\.yaml)$/;
const OF_AN_EXAMPLE =
  /^examples\/(?:README\.md|[\w-]+\/(?:README\.md|[\w.-]+\.(?:css|ts)|(?:public|app|lib)\/[\w./[\]-]+\.(?:css|html|js|svg|tsx?)))$/;

test("the tarball holds the built files, the pages for users, the examples and the papers, and nothing else", () => {
  const { files } = inject("packed");
  const others = files.filter((path) => !BUILT_OR_DOCUMENT.test(path) && !OF_AN_EXAMPLE.test(path));
  expect(others).toEqual(PAPERS);
});

test("every example is in it whole, as the source has it", () => {
  const exclude = ["**/node_modules/**", "**/.*/**"];
  const own = globSync("examples/**/*.{css,html,js,md,svg,ts,tsx}", { cwd: ROOT, exclude });
  const packed = inject("packed").files.filter((path) => path.startsWith("examples/"));
  expect(packed).toEqual(own.sort());
  for (const path of packed) expect(readFileSync(installed(path))).toEqual(readFileSync(join(ROOT, path)));
});

test("what a demo or an editor leaves in the folders is not packed: no secret, no database, no note", async () => {
  const source = await newFolder();
  for (const part of ["package.json", "docs", "examples"])
    await cp(join(ROOT, part), join(source, part), { recursive: true });
  for (const stray of STRAYS) {
    mkdirSync(join(source, dirname(stray)), { recursive: true });
    writeFileSync(join(source, stray), "secret");
  }
  const { files } = await packTarball(source, source);
  await removeFolder(source);
  expect(files).toContain("examples/express/server.ts");
  expect(files.filter((path) => STRAYS.includes(path))).toEqual([]);
});

const STRAYS: readonly string[] = [
  ".env",
  ".data/secret",
  "auth.db",
  "examples/.env",
  "examples/.data/secret",
  "examples/express/.data/auth.db",
  "examples/express/.data/secret",
  "examples/express/.env",
  "examples/express/auth.db-wal",
  "examples/node_modules/express/index.ts",
  "examples/web/node_modules/express/index.ts",
  "docs/.data/secret",
  "docs/.todo.md",
  "docs/audit/todo.md",
  "docs/frameworks/auth.db",
];

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

test.each(["express", "fastify", "hono", "next"])("the adapter for %s is thin: under 6 kB", (framework) => {
  expect(statSync(installed(`dist/${framework}.js`)).size).toBeLessThan(6_000);
});
