// The package as bundlers take it from `node_modules`. The hasher is a binary: it stays outside, as docs/deploying.md says.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BuildOptions, build, type StdinOptions } from "esbuild";
import { afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { cleanEnvironment, manifest, ROOT } from "../../scripts/smoke-package.ts";
import { codeBlock } from "../docs/support/pages.ts";
import { call } from "../examples/demo.ts";
import { freePort } from "../support/free-port.ts";
import { inConsumer, program } from "./installed.ts";

const HASHER = "@node-rs/argon2";
/** Its imports exist within Next.js alone. */
const FOR_NEXT = "./next";
const ENTRIES = Object.keys(manifest.exports).filter(
  (path) => path !== "./package.json" && path !== FOR_NEXT,
);
const FOR_PAGES = ["./client", "./client-mail", "./client-storage", "./react"];
const DEPLOYING = "docs/deploying.md";
const BIN = join(ROOT, "node_modules/.bin");

const SECRET = "wS3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV";
/** Prints what a bundle exports. */
const NAMES = "console.log(JSON.stringify(Object.keys(await import(process.argv[2])).sort()));";

/** Where a bundle runs: a folder that has the hasher, and nothing else. */
const home = join(inject("consumer"), "../bundled");
const run = promisify(execFile);
beforeAll(async () => {
  await mkdir(home, { recursive: true });
  await cp(join(inject("consumer"), "node_modules/@node-rs"), join(home, "node_modules/@node-rs"), {
    recursive: true,
  });
  await writeFile(join(home, "names.mjs"), NAMES);
});

let server: ChildProcess | undefined;
afterEach(async () => {
  if (server?.exitCode === null && server.signalCode === null) {
    server.kill("SIGKILL");
    await once(server, "close");
  }
});

/** Bundles in the consumer's folder, and answers the warnings. */
async function warningsOf(options: BuildOptions): Promise<readonly string[]> {
  const { warnings } = await build({
    absWorkingDir: inject("consumer"),
    bundle: true,
    external: [HASHER],
    logLevel: "silent",
    ...options,
  });
  return warnings.map(({ text }) => text);
}

async function runBundle(file: string, ...args: string[]): Promise<string> {
  return (await run(process.execPath, [file, ...args], { cwd: home, env: cleanEnvironment() })).stdout.trim();
}

/** An application that is one entry, and the name of its files. */
function everythingOf(path: string): {
  readonly entry: string;
  readonly name: string;
  readonly stdin: StdinOptions;
} {
  const entry = path.replace(/^\./, manifest.name);
  const stdin = { contents: `export * from "${entry}";`, resolveDir: inject("consumer") };
  return { entry, name: entry.replaceAll("/", "-"), stdin };
}

describe.each(ENTRIES)("esbuild takes in %s without a warning", (path) => {
  const { entry, name, stdin } = everythingOf(path);

  test.each([
    ["esm", "mjs"],
    ["cjs", "cjs"],
  ] as const)("as %s, and the bundle loads alone", async (format, extension) => {
    const outfile = join(home, `${name}.${extension}`);
    expect(await warningsOf({ stdin, outfile, format, platform: "node" })).toEqual([]);
    const names = JSON.parse(await runBundle("names.mjs", outfile)) as string[];
    const own = JSON.parse(await program("load.js", "import", entry)) as string[];
    expect(names).toEqual(expect.arrayContaining(own));
  });
});

test("esbuild takes in ./next without a warning, beside the modules of Next.js", async () => {
  const { name, stdin } = everythingOf(FOR_NEXT);
  const external = [HASHER, "next/*"];
  const outfile = join(home, `${name}.mjs`);
  expect(await warningsOf({ stdin, outfile, format: "esm", platform: "node", external })).toEqual([]);
});

test.each(FOR_PAGES)("esbuild takes in %s for browsers, with no module of Node", async (path) => {
  const { name, stdin } = everythingOf(path);
  const outfile = join(home, `${name}.browser.js`);
  expect(await warningsOf({ stdin, outfile, format: "esm", platform: "browser", external: [] })).toEqual([]);
});

test.each(["memory", "sqlite", "kysely"])(
  "signup, login and logout hold in one bundle, on the store %s",
  async (store) => {
    const outfile = join(home, "round-trip.mjs");
    const entryPoints = ["round-trip.js"];
    expect(await warningsOf({ entryPoints, outfile, format: "esm", platform: "node" })).toEqual([]);
    const path = join(home, `${store}.db`);
    if (store === "kysely")
      await inConsumer("node_modules/.bin/sallyport", "migrate", "--url", `sqlite:${path}`);
    expect(await runBundle(outfile, store, path)).toBe(`${store}: ok`);
  },
);

test("the command of the page makes one file of the quick start's server, and the file signs up", async () => {
  const command = codeBlock(DEPLOYING, "sh", "esbuild server.ts").trim().replace(/^npx /, "");
  await writeFile(join(inject("consumer"), "server.ts"), codeBlock("README.md", "ts", "expressAuth"));
  const [tool = "", ...args] = command.split(" ");
  const { stderr } = await inConsumer(join(BIN, tool), ...args, "--log-level=warning");
  expect([tool, stderr]).toEqual(["esbuild", ""]);
  await cp(join(inject("consumer"), "server.cjs"), join(home, "server.cjs"));
  const port = await freePort();
  const env = { ...cleanEnvironment(), PORT: String(port), SALLYPORT_SECRET: SECRET };
  server = spawn(process.execPath, ["server.cjs"], { cwd: home, env });
  await Promise.race([once(server.stdout as NodeJS.ReadableStream, "data"), once(server, "close")]);
  const body = { email: "ada@example.com", password: "Correct1horse" };
  const { status, json } = await call(`http://127.0.0.1:${port}/auth/signup`, "POST", { body });
  expect(status).toBe(201);
  const hello = await call(`http://127.0.0.1:${port}/hello`, "GET", { token: json.accessToken });
  expect(hello.json).toEqual({ hello: json.user.id });
});

test("without the option, esbuild stops at the binary, as the page says", async () => {
  const building = warningsOf({
    entryPoints: ["round-trip.js"],
    outfile: join(home, "never.mjs"),
    platform: "node",
    format: "esm",
    external: [],
  });
  await expect(building).rejects.toThrow(/No loader is configured for "\.node" files/);
});

test("Vite leaves the package out of a build for servers by itself, and the build signs up", async () => {
  const args = ["build", "--ssr", "round-trip.js", "--outDir", "vite"];
  const { stdout, stderr } = await inConsumer(join(BIN, "vite"), ...args);
  expect(stdout + stderr).not.toMatch(/warn/i);
  expect(await program("vite/round-trip.js", "memory")).toBe("memory: ok");
});
