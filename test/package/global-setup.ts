import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import {
  copyPrograms,
  installPackages,
  newFolder,
  type Packed,
  packTarball,
  pinned,
  removeFolder,
} from "../../scripts/smoke-package.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly packed: Packed;
    /** Where the tarball is installed, with the programs of `consumer/`. */
    readonly consumer: string;
  }
}

/** Packs and installs once for all files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await newFolder();
  const consumer = join(folder, "consumer");
  const packed = await packTarball(folder);
  await mkdir(consumer);
  const frameworks = ["express", "@types/express", "fastify", "hono", "react", "react-dom", "@types/react"];
  const others = ["kysely", "nodemailer", "rate-limiter-flexible", "@types/node", ...frameworks].map(pinned);
  await installPackages(consumer, [packed.path, ...others]);
  await copyPrograms(consumer);
  project.provide("packed", packed);
  project.provide("consumer", consumer);
  return () => removeFolder(folder);
}
