import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";

/** A Redis of a test's own, which forgets nothing that it has answered. */
export interface OwnRedis {
  readonly url: string;
  /** Runs a command by `redis-cli`, on a connection that is nobody else's. */
  cli(...args: readonly string[]): string;
  /** Starts it, again; resolves once it answers. */
  start(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Keeps its connections, and answers nothing. */
  pause(): void;
  resume(): void;
  remove(): Promise<void>;
}

export function hasRedisServer(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    execFileSync("redis-cli", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export async function ownRedis(settings: readonly string[] = []): Promise<OwnRedis> {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-redis-"));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const isRunning = (): boolean => server !== undefined && server.exitCode === null && !server.signalCode;
  const kill = async (): Promise<void> => {
    if (!isRunning()) return;
    const ended = once(server as ChildProcess, "exit");
    server?.kill("SIGKILL");
    await ended;
  };
  const killNow = (): void => void server?.kill("SIGKILL"); // also where a run is broken off
  process.once("exit", killNow);
  const cli = (...args: readonly string[]): string =>
    execFileSync("redis-cli", ["-h", "127.0.0.1", "-p", String(port), ...args], {
      encoding: "utf8",
      stdio: "pipe",
      timeout: 10_000,
    });

  return {
    url: `redis://127.0.0.1:${port}`,
    cli,
    start: async () => {
      if (isRunning()) return;
      server = spawn("redis-server", [...settingsOf(port, directory), ...settings], { stdio: "ignore" });
      while (!answers(cli)) {
        if (!isRunning()) throw new TypeError("redis-server did not start.");
        await pause(20);
      }
    },
    kill,
    pause: () => void server?.kill("SIGSTOP"),
    resume: () => void server?.kill("SIGCONT"),
    remove: async () => {
      process.off("exit", killNow);
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface OwnRedisCluster {
  readonly nodes: readonly OwnRedis[];
  readonly urls: readonly string[];
  remove(): Promise<void>;
}

/** Three masters. */
export async function ownRedisCluster(): Promise<OwnRedisCluster> {
  const busPorts = [await freePort(), await freePort(), await freePort()];
  const nodes = await Promise.all(
    busPorts.map((port) =>
      ownRedis([
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        String(port),
        "--cluster-node-timeout",
        "2000",
      ]),
    ),
  );
  const remove = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.remove())));
  try {
    await Promise.all(nodes.map((node) => node.start()));
    const addresses = nodes.map(({ url }, index) => `${new URL(url).host}@${busPorts[index]}`);
    execFileSync("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"], { stdio: "pipe" });
    while (!nodes.every((node) => node.cli("cluster", "info").includes("cluster_state:ok"))) await pause(20);
    return { nodes, urls: nodes.map(({ url }) => url), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function settingsOf(port: number, directory: string): readonly string[] {
  const own = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
  return [...own, "--appendonly", "yes", "--appendfsync", "always"];
}

function answers(cli: OwnRedis["cli"]): boolean {
  try {
    return cli("ping").includes("PONG");
  } catch {
    return false;
  }
}
