import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { cleanEnvironment, ROOT } from "../../../scripts/smoke-package.ts";
import { freePort } from "../../support/free-port.ts";

const run = promisify(execFile);

type Environment = Readonly<Record<string, string>>;

/** A folder with an application on Next.js, built as it would be for production. */
export interface Application {
  readonly folder: string;
  /** What `next build` said. It had neither a secret nor a database. */
  readonly said: string;
  /** `next start`. */
  start(env: Environment): Promise<Running>;
  remove(): Promise<void>;
}

export interface Running {
  readonly port: number;
  readonly url: string;
  /** What it has written so far. */
  said(): string;
  stop(): Promise<void>;
}

/** Builds the application of a folder of this repository. */
export async function buildFolder(path: string): Promise<Application> {
  const folder = await newApplication();
  const source = join(ROOT, path);
  await cp(join(ROOT, "examples/next/tsconfig.json"), join(folder, "tsconfig.json"));
  await cp(source, folder, { recursive: true });
  return build(folder);
}

/** Builds the application of these files alone. */
export async function buildFiles(files: Readonly<Record<string, string>>): Promise<Application> {
  const folder = await newApplication();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return build(folder);
}

/** Beside the packages of the recipe, with an installation of ours alone. */
async function newApplication(): Promise<string> {
  const folder = await mkdtemp(join(inject("packages"), "run-"));
  const own = join(folder, "node_modules/sallyport");
  await mkdir(own, { recursive: true });
  await run("tar", ["-xzf", inject("nextTarball"), "-C", own, "--strip-components=1"]);
  return folder;
}

async function build(folder: string): Promise<Application> {
  const started: Running[] = [];
  const { stdout, stderr } = await run(process.execPath, [nextProgram(), "build"], {
    cwd: folder,
    env: environment({}),
  }).catch((error: { readonly stdout: string; readonly stderr: string }) => {
    throw new TypeError(`next build failed:\n${error.stdout}${error.stderr}`);
  });
  return {
    folder,
    said: stdout + stderr,
    async start(env) {
      const running = await start(folder, env);
      started.push(running);
      return running;
    },
    async remove() {
      for (const running of started) await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function nextProgram(): string {
  return join(inject("packages"), "node_modules/next/dist/bin/next");
}

function environment(env: Environment): NodeJS.ProcessEnv {
  const { SALLYPORT_SECRET: _secret, ORIGIN: _origin, DATABASE_URL: _url, ...clean } = cleanEnvironment();
  return { ...clean, NEXT_TELEMETRY_DISABLED: "1", ...env };
}

async function start(cwd: string, env: Environment): Promise<Running> {
  const port = await freePort();
  const args = [nextProgram(), "start", "--port", String(port), "--hostname", "127.0.0.1"];
  const child = spawn(process.execPath, args, { cwd, env: environment(env) });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("said");
    });
  const ended = once(child, "close");
  while (!/Ready in/.test(output)) {
    const isOver = await Promise.race([once(child, "said").then(() => false), ended.then(() => true)]);
    if (isOver) throw new TypeError(`next start ended:\n${output}`);
  }
  return { port, url: `http://127.0.0.1:${port}`, said: () => output, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}
