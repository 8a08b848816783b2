import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import type { Job, Verdict } from "./worker.ts";

/** No test file takes this long. An edit that ends in a loop would take for ever. */
const PATIENCE_MS = 180_000;
const LEFT_OUT = /^(?:node_modules|\.git|dist|coverage|\.cache)$|\bnode_modules\//;

export interface Crew {
  run(job: Job): Promise<Verdict>;
  close(): void;
}

/** A scratch copy of the repository and a process that runs tests in it. The working tree never changes. */
export async function hire(): Promise<Crew> {
  const root = resolve(import.meta.dirname, "../..");
  const copy = mkdtempSync(join(tmpdir(), "sallyport-mutants-"));
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.test(relative(root, path)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir");
  let worker = await start(copy);
  return {
    async run(job) {
      const verdict = await within(PATIENCE_MS, worker, job);
      if (verdict) return verdict;
      worker.kill("SIGKILL");
      // It may have been stopped in the middle of an edit.
      cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
      worker = await start(copy);
      return { outcome: "stopped", by: "it does not end" };
    },
    close() {
      worker.kill();
      rmSync(copy, { recursive: true, force: true });
    },
  };
}

async function start(copy: string): Promise<ChildProcess> {
  const worker = fork(join(copy, "scripts/mutants/worker.ts"), [], {
    cwd: copy,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, NODE_ENV: "test", NO_COLOR: "1" },
  });
  await Promise.race([once(worker, "message"), died(worker)]);
  return worker;
}

async function died(worker: ChildProcess): Promise<never> {
  const [code] = await once(worker, "exit");
  throw new TypeError(`A worker ended with ${code}`);
}

/** Null: no verdict in this time. */
async function within(ms: number, worker: ChildProcess, job: Job): Promise<Verdict | null> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Verdict | null>();
  const timer = setTimeout(() => settle(null), ms);
  const onExit = (code: number | null): void => reject(new TypeError(`A worker ended with ${code}`));
  worker.once("message", (verdict: Verdict) => settle(verdict));
  worker.once("exit", onExit);
  worker.send(job);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.removeListener("exit", onExit);
    worker.removeAllListeners("message");
  }
}
