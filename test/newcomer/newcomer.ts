import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, inject } from "vitest";
import { cleanEnvironment, manifest, pinned } from "../../scripts/smoke-package.ts";
import { freePort } from "../support/free-port.ts";

type Environment = Readonly<Record<string, string>>;

/** A reader of a page: an empty folder, a shell, and a free port in place of 3000. */
export interface Newcomer {
  /** Runs a command of the page, and gives what it has printed. Fails unless it exits with 0. */
  run(command: string, env?: Environment): Promise<string>;
  /** Runs a `curl` of the page. */
  request(curl: string, env: Environment): Promise<string>;
  write(path: string, text: string): void;
  /** Runs a command that serves, until it says where it listens. */
  serve(command: string): Promise<void>;
  leave(): Promise<void>;
}

export async function newcomer(): Promise<Newcomer> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-newcomer-"));
  const port = String(await freePort());
  // The Node that the pages want. Each shell leads a process group, which ends whatever it has started.
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  const shell = (command: string, env: Environment): ChildProcess =>
    spawn("bash", ["-euc", command], {
      cwd: folder,
      env: { ...cleanEnvironment(), PATH, ...env },
      detached: true,
    });
  let server: ChildProcess | undefined;

  const run: Newcomer["run"] = async (command, env = {}) => {
    const child = shell(installing(command), env);
    const printed = collect(child);
    const [code] = await once(child, "close");
    expect([command, code, code === 0 ? "" : printed()]).toEqual([command, 0, ""]);
    return printed();
  };
  return {
    run,
    // -s alone is ours: without a terminal curl shows its progress.
    request: (curl, env) =>
      run(curl.replace("curl", "curl -s").replaceAll("localhost:3000", `localhost:${port}`), env),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    async serve(command) {
      server = shell(command, { PORT: port, ORIGIN: `http://localhost:${port}` });
      const printed = collect(server);
      const ended = once(server, "close");
      while (!printed().includes(`localhost:${port}`) && server.exitCode === null)
        await Promise.race([once(server.stdout as NodeJS.ReadableStream, "data"), ended]);
      expect(printed()).toContain(`localhost:${port}`);
    },
    async leave() {
      if (server?.pid !== undefined && server.exitCode === null) {
        process.kill(-server.pid, "SIGKILL");
        await once(server, "close");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += chunk));
  return () => text;
}

/** The command with the tarball in place of the package, and with the versions that this source was tried with. */
function installing(command: string): string {
  return command.replaceAll(/^npm install [^#\n]*/gm, (line) => line.split(" ").map(sourceOf).join(" "));
}

function sourceOf(name: string): string {
  if (/^(?:sallyport|\.\/sallyport-.*\.tgz)$/.test(name)) return inject("tarball") ?? name;
  return name in manifest.devDependencies ? pinned(name) : name;
}
