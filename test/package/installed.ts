import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { cleanEnvironment } from "../../scripts/smoke-package.ts";

const run = promisify(execFile);

/** The path of a file of the tarball, where npm has unpacked it. */
export function installed(path: string): string {
  return join(inject("consumer"), "node_modules/sallyport", path);
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command where the package is installed; rejects on any other exit code than 0. */
export async function inConsumer(command: string, ...args: string[]): Promise<Output> {
  return run(command, args, { cwd: inject("consumer"), env: cleanEnvironment() });
}

/** Runs one of the programs of `consumer/` with this Node. */
export async function program(file: string, ...args: string[]): Promise<string> {
  return (await inConsumer(process.execPath, file, ...args)).stdout.trim();
}
