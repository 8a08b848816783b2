import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { freePort } from "../../support/free-port.ts";

/** A PostgreSQL of a test's own, with nothing relaxed: what it has committed is on the disk. */
export interface OwnPostgres {
  readonly url: string;
  /** `kill -9` for the server and all of its processes. */
  kill(): Promise<void>;
  /** All of its processes keep their connections, and answer nothing. */
  pause(): void;
  resume(): void;
  /** Starts it, again; resolves once it has recovered and answers. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** Where `initdb` and `postgres` are; null: not here, or nobody to run them as. */
export function postgresBinaries(): string | null {
  const found = globSync("/usr/lib/postgresql/*/bin").filter((path) => existsSync(join(path, "initdb")));
  return process.getuid?.() === 0 ? (found.sort().at(-1) ?? null) : null;
}

export async function ownPostgres(binaries: string): Promise<OwnPostgres> {
  const owner = { uid: idOf("-u"), gid: idOf("-g") }; // it refuses to run as root
  const directory = mkdtempSync(join(tmpdir(), "sallyport-postgres-"));
  chownSync(directory, owner.uid, owner.gid);
  chmodSync(directory, 0o700);
  const data = join(directory, "data");
  const options = { ...owner, cwd: directory, stdio: "ignore" } as const;
  execFileSync(
    join(binaries, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
    options,
  );
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${directory}`,
    "fsync=on",
    "synchronous_commit=on",
  ].flatMap((setting) => ["-c", setting]);
  let server: ChildProcess | undefined;

  const kill = async (): Promise<void> => {
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    for (const pid of [server.pid, ...childrenOf(server.pid)]) signal(pid, "SIGKILL");
    await ended;
  };
  const signalAll = (name: NodeJS.Signals): void => {
    const pid = server?.pid as number;
    for (const each of [pid, ...childrenOf(pid)]) signal(each, name);
  };
  return {
    url,
    kill,
    pause: () => signalAll("SIGSTOP"),
    resume: () => signalAll("SIGCONT"),
    start: async () => {
      server = spawn(join(binaries, "postgres"), ["-D", data, ...settings], options);
      while (!(await answers(url))) {
        if (server.exitCode !== null) throw new TypeError("The server did not start.");
        await pause(20);
      }
    },
    remove: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function idOf(which: "-u" | "-g"): number {
  return Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }));
}

function childrenOf(pid: number): readonly number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return listed.split(" ").filter(Boolean).map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // A child that ended by itself in between.
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
