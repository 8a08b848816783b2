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

/** A program of `test/package/consumer/`, its arguments, and what each check wants to be printed. */
interface Program {
  readonly args: readonly string[];
  readonly checks: readonly { readonly name: string; readonly prints: RegExp }[];
}

interface Result {
  readonly runtime: string;
  readonly check: string;
  /** Null: passed. */
  readonly failure: string | null;
}

function programsFor(version: string, folder: string): readonly Program[] {
  const loads = ["import", "require"].map((how) => ({
    args: ["load-all.js", how, ...ENTRIES],
    checks: ENTRIES.map((entry) => ({ name: `${how} ${entry}`, prints: namesOf(entry) })),
  }));
  const one = (name: string, args: readonly string[], prints: RegExp): Program => {
    return { args, checks: [{ name, prints }] };
  };
  const path = join(folder, `round-trip-${version}.db`);
  const sqlite = one("round trip, SQLite", ["round-trip.js", "sqlite", path], /^sqlite: ok$/m);
  const missing = /^[^\n]*needs Node 22[^\n]*\.$/m;
  const without = one("sqliteStore says what is missing", ["without-sqlite.js"], missing);
  return [
    ...loads,
    one("round trip, memory", ["round-trip.js", "memory"], /^memory: ok$/m),
    one("verifier", ["verifier.js"], /^verifier: ok$/m),
    Number.parseInt(version, 10) < 22 ? without : sqlite,
  ];
}

/** The line of an entry that has exports. An error is a text in their place. */
function namesOf(entry: string): RegExp {
  return new RegExp(`^\\["${entry}",\\["\\w+"`, "m");
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
  for (const program of programsFor(version, folder)) {
    const failures = await failuresOf(node, program, folder);
    for (const [index, { name }] of program.checks.entries())
      results.push({ runtime, check: name, failure: failures[index] ?? null });
  }
  return results;
}

/** One for each check, null for what passed. */
async function failuresOf(
  node: string,
  { args, checks }: Program,
  folder: string,
): Promise<readonly (string | null)[]> {
  try {
    const { stdout } = await run(node, args, { cwd: folder });
    const said = stdout.trim();
    return checks.map(({ prints }) =>
      prints.test(said) ? null : `printed ${JSON.stringify(said.slice(0, 2000))}`,
    );
  } catch (error) {
    return checks.map(() => firstLines(error));
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
