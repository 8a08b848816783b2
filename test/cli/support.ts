import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Surroundings } from "../../src/cli/command.ts";
import { run } from "../../src/cli/run.ts";
import { bundlePath } from "../support/bundle-path.ts";

const MAIN = bundlePath("sallyport/cli");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export function sallyport(...argv: string[]): Promise<Outcome> {
  return sallyportIn({}, ...argv);
}

export async function sallyportIn(
  surroundings: Pick<Surroundings, "env" | "clock">,
  ...argv: string[]
): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const code = await run(argv, {
    stdout: { write: (written) => (stdout += written) },
    stderr: { write: (written) => (stderr += written) },
    ...surroundings,
  });
  return { code, stdout, stderr };
}

/** Runs the command in a process of its own, as a shell would. */
export async function startSallyport(argv: readonly string[], url?: string): Promise<Outcome> {
  const env = { ...process.env, ...(url === undefined ? {} : { DATABASE_URL: url }) };
  const child = spawn(process.execPath, ["--no-warnings", MAIN, ...argv], { env });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

/** `count` processes of the same command, started at once. */
export function startTogether(count: number, argv: readonly string[], url: string): Promise<Outcome[]> {
  return Promise.all(Array.from({ length: count }, () => startSallyport(argv, url)));
}

/** The last line of what a command said: its result. */
export function result({ stdout }: Outcome): string {
  return stdout.trimEnd().split("\n").at(-1) ?? "";
}
