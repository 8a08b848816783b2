import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootPath } from "./pages.ts";

const USE_SOURCE = new URL("../../support/use-source.ts", import.meta.url).href;

/** A folder as a reader has it, where `sallyport` is the source and other packages are installed. */
export interface Folder {
  readonly path: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Program;
  remove(): Promise<void>;
}

interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exit: Promise<number | null>;
  /** All that it has written to stdout and stderr so far. */
  said(): string;
  /** Waits until it has said this, or throws what it said instead. */
  says(pattern: RegExp): Promise<void>;
}

export function makeFolder(files: Readonly<Record<string, string>>): Folder {
  const path = mkdtempSync(join(tmpdir(), "sallyport-docs-"));
  const programs: Program[] = [];
  symlinkSync(rootPath("node_modules"), join(path, "node_modules"));
  writeFileSync(join(path, "package.json"), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return {
    path,
    start: (args, env = {}) => {
      const program = start(path, args, env);
      programs.push(program);
      return program;
    },
    remove: async () => {
      for (const { child } of programs) child.kill("SIGKILL");
      await Promise.all(programs.map((program) => program.exit));
      rmSync(path, { recursive: true });
    },
  };
}

function start(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
  // The environment of a reader: none of the runner's variables make anything easier, but for the start.
  const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
  const child = spawn(process.execPath, ["--import", USE_SOURCE, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, NODE_NO_WARNINGS: "1", ...env },
  });
  let output = "";
  const exit = once(child, "close").then(([code]) => code as number | null);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("said");
    });
  }
  const says = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(output)) {
      const ended = await Promise.race([once(child, "said").then(() => false), exit.then(() => true)]);
      if (ended && !pattern.test(output)) throw new TypeError(`It never said ${pattern}, but:\n${output}`);
    }
  };
  return { child, exit, said: () => output, says };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
