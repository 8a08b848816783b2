import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { cleanEnvironment, newFolder, packTarball, removeFolder } from "../../scripts/smoke-package.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of the tarball. Null: no registry answers here, so there is nothing to install the rest from. */
    readonly tarball: string | null;
  }
}

const run = promisify(execFile);
const ABSENCE = "no npm registry answers. Where one does: npm run test:newcomer";

/** Packs what was built. Without a registry the tests are skipped, unless `REQUIRE_REGISTRY=1` says no. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await newFolder();
  const isThere = await hasRegistry();
  if (!isThere && process.env["REQUIRE_REGISTRY"] === "1")
    throw new Error(`REQUIRE_REGISTRY=1, but ${ABSENCE}`);
  if (!isThere) console.warn(`Newcomer tests skipped: ${ABSENCE}`);
  project.provide("tarball", isThere ? (await packTarball(folder)).path : null);
  return () => removeFolder(folder);
}

async function hasRegistry(): Promise<boolean> {
  const args = ["view", "jose", "version", "--fetch-retries=0", "--fetch-timeout=20000"];
  return run("npm", args, { env: cleanEnvironment() }).then(
    () => true,
    () => false,
  );
}
