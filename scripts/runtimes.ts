import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  copyPrograms,
  installPackages,
  manifest,
  newFolder,
  packTarball,
  pinned,
  removeFolder,
} from "./smoke-package.ts";

// The tarball under every Node it is for, each fetched from the registry, and under Node 20, where the
// core works and the SQLite entry has to say what is missing.

const run = promisify(execFile);
const OLDEST_SUPPORTED = manifest.engines.node.replace(">=", "");
const VERSIONS = ["20", OLDEST_SUPPORTED, "22", "24", "26"] as const;
/** Its imports exist within Next.js alone. */
const NOT_OF_NODE = "./next";
const ENTRIES = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith(".json") && path !== NOT_OF_NODE)
  .map((path) => path.replace(/^\./, manifest.name));

interface Check {
  readonly name: string;
  /** A program of `test/package/consumer/`, its arguments, and what it must print. */
  readonly args: readonly string[];
  readonly prints: RegExp;
}

interface Result {
  readonly runtime: string;
  readonly check: string;
  /** Null: passed. */
  readonly failure: string | null;
}

function checksFor(version: string, folder: string): readonly Check[] {
  const loads = ENTRIES.flatMap((entry) =>
    ["import", "require"].map((how) => ({
      name: `${how} ${entry}`,
      args: ["load.js", how, entry],
      prints: /^\["\w+"/m,
    })),
  );
  const memory = { name: "round trip, memory", args: ["round-trip.js", "memory"], prints: /^memory: ok$/m };
  const verifier = { name: "verifier", args: ["verifier.js"], prints: /^verifier: ok$/m };
  const path = join(folder, `round-trip-${version}.db`);
  const sqlite = {
    name: "round trip, SQLite",
    args: ["round-trip.js", "sqlite", path],
    prints: /^sqlite: ok$/m,
  };
  const without = {
    name: "sqliteStore says what is missing",
    args: ["without-sqlite.js"],
    prints: /^[^\n]*needs Node 22[^\n]*\.$/m,
  };
  return [...loads, memory, verifier, Number.parseInt(version, 10) < 22 ? without : sqlite];
}

async function checkRuntime(version: string, folder: string): Promise<readonly Result[]> {
  const home = join(folder, `node-${version}`);
  await mkdir(home);
  try {
    await installPackages(home, [`node@${version}`]);
  } catch (error) {
    return [{ runtime: `Node ${version}`, check: "installs", failure: firstLines(error) }];
  }
  const node = join(home, "node_modules", "node", "bin", "node");
  const runtime = `Node ${(await run(node, ["--version"])).stdout.trim().slice(1)}`;
  const results: Result[] = [];
  for (const check of checksFor(version, folder)) {
    results.push({ runtime, check: check.name, failure: await failureOf(node, check, folder) });
  }
  return results;
}

async function failureOf(node: string, { args, prints }: Check, folder: string): Promise<string | null> {
  try {
    const { stdout } = await run(node, args, { cwd: folder });
    return prints.test(stdout.trim()) ? null : `printed ${JSON.stringify(stdout.slice(0, 200))}`;
  } catch (error) {
    return firstLines(error);
  }
}

function firstLines(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message?: string };
  const lines = (stderr || message || String(error)).split("\n").filter((line) => line.trim() !== "");
  return lines.slice(0, 6).join("\n    ");
}

function print({ runtime, check, failure }: Result): void {
  const line = `${runtime.padEnd(14)}  ${check.padEnd(34)}  ${failure === null ? "ok" : "FAILED"}`;
  console.log(failure === null ? line : `${line}\n    ${failure}`);
}

const folder = await newFolder();
try {
  const packed = await packTarball(folder);
  const consumer = join(folder, "consumer");
  await mkdir(consumer);
  await installPackages(consumer, [packed.path, ...["kysely", "nodemailer", "react"].map(pinned)]);
  await copyPrograms(consumer);
  const results: Result[] = [];
  for (const version of VERSIONS) {
    const checked = await checkRuntime(version, consumer);
    for (const result of checked) print(result);
    results.push(...checked);
  }
  const failed = results.filter(({ failure }) => failure !== null).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await removeFolder(folder);
}
