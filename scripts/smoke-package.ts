import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));
const PROGRAMS = join(ROOT, "test/package/consumer");

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

export interface Packed {
  /** The tarball's path. */
  readonly path: string;
  /** What is in it, sorted. */
  readonly files: readonly string[];
}

/** Makes the tarball that would be published from the built `dist`, or from a copy of the source elsewhere. */
export async function packTarball(folder: string, source: string = ROOT): Promise<Packed> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: source, env: cleanEnvironment() });
  const [packed] = Object.values(JSON.parse(stdout)) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  const files = packed.files.map(({ path }) => path).sort();
  return { path: join(folder, packed.filename), files };
}

/** Installs packages into an empty folder that nothing around it can help. */
export async function installPackages(folder: string, packages: readonly string[]): Promise<void> {
  const consumer = {
    private: true,
    type: "module",
    // The package `node` fetches its binary in an install script; npm 12 asks for a word of consent.
    allowScripts: { node: true },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(consumer));
  const args = ["install", "--no-audit", "--no-fund", "--save-exact", ...packages];
  await run("npm", args, { cwd: folder, env: cleanEnvironment() });
}

/** The package at the version that this repository develops with. */
export function pinned(name: string): string {
  const version = manifest.devDependencies[name];
  if (version === undefined) throw new Error(`${name} is no devDependency.`);
  return `${name}@${version}`;
}

/** Puts the programs that use the package next to its installation. */
export async function copyPrograms(folder: string): Promise<void> {
  await cp(PROGRAMS, folder, { recursive: true });
}

export async function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "sallyport-package-"));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** What `npm run` hands to its children about this package must not reach the npm of another folder. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|call|package))|INIT_CWD|NODE_ENV)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}
