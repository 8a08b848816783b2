import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("server.ts", import.meta.url));
const RESTART_MS = 1000;
const GRACE_MS = 8000;

export interface Instances {
  /** The instances that listen now. */
  ports(): readonly number[];
  stop(): Promise<void>;
}

/**
 * Starts one process for each environment, and again when one ends. Rejects when one cannot start at all: it
 * has said why.
 */
export async function startInstances(environments: readonly NodeJS.ProcessEnv[]): Promise<Instances> {
  const running = new Map<ChildProcess, number | null>();
  let stopping = false;

  const start = async (index: number): Promise<boolean> => {
    const child = fork(SERVER, { env: environments[index] });
    running.set(child, null);
    const ended = once(child, "exit");
    ended.then(() => running.delete(child));
    const [first] = await Promise.race([once(child, "message"), ended]);
    if (typeof first?.port !== "number") return false;
    running.set(child, first.port);
    console.log(`  instance ${index + 1}: http://localhost:${first.port} (process ${child.pid})`);
    ended.then(([code, signal]) => restart(index, signal ?? code));
    return true;
  };
  const restart = async (index: number, why: unknown): Promise<void> => {
    if (stopping) return;
    console.log(`  instance ${index + 1} ended (${why}), and is started again`);
    do await pause(RESTART_MS);
    while (!stopping && !(await start(index)));
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all([...running.keys()].map(end));
  };

  // One after the other: an error that stops all of them is printed once.
  for (const index of environments.keys()) {
    if (await start(index)) continue;
    await stop();
    throw new TypeError("An instance did not start.");
  }
  return { ports: () => [...running.values()].filter((port) => port !== null), stop };
}

/** Lets it answer open requests. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  const impatience = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await ended;
  clearTimeout(impatience);
}
