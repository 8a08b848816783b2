import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import {
  cleanEnvironment,
  newFolder,
  packTarball,
  ROOT,
  removeFolder,
} from "../../../scripts/smoke-package.ts";

const run = promisify(execFile);
const RECIPE = join(ROOT, "test/recipes/next");

declare module "vitest" {
  interface ProvidedContext {
    /** Where the packages of the recipe are installed. */
    readonly packages: string;
    /** The tarball of this version. */
    readonly nextTarball: string;
  }
}

/** Installs the packages once for each lock file, and packs what `npm run build` has made. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packages = await installed();
  const folder = await newFolder();
  const { path } = await packTarball(folder);
  project.provide("packages", packages);
  project.provide("nextTarball", path);
  return () => removeFolder(folder);
}

// Not below this folder: Next.js looks for lock files above an application, and would take ours for its own.
async function installed(): Promise<string> {
  const lock = readFileSync(join(RECIPE, "package-lock.json"));
  const digest = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `sallyport-recipe-next-${userInfo().username}-${digest}`);
  const done = join(folder, "installed");
  if (existsSync(done)) return folder;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of ["package.json", "package-lock.json"])
    await copyFile(join(RECIPE, file), join(folder, file));
  console.log(`Installing Next.js in ${folder}`);
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, env: cleanEnvironment() });
  await writeFile(done, "");
  return folder;
}
