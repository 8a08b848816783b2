import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Message } from "./caller.ts";
import { type Answer, carryOut, type Order } from "./orders.ts";
import type { OpenStore, StoreRef } from "./store-at.ts";

const SCRIPT = fileURLToPath(new URL("caller.ts", import.meta.url));
const USE_SOURCE = new URL("../../support/use-source.ts", import.meta.url).href;

/** Callers of one store, in several groups that start at the same moment. */
export interface Callers {
  /** Tells each group what to do; what all their callers were answered. */
  race(order: (group: number) => Order): Promise<Answer[]>;
  close(): Promise<void>;
}

export interface CallerProcesses extends Callers {
  /** Each process opens the store anew. */
  open(store: StoreRef, callersEach: number): Promise<void>;
}

export async function startProcesses(count: number): Promise<CallerProcesses> {
  const children = await forkAll(SCRIPT, count);
  return {
    open: async (store, callers) => {
      await tellAll(children, () => ({ open: store, callers }));
    },
    race: async (order) => ((await tellAll(children, order)) as Answer[][]).flat(),
    close: () => endAll(children),
  };
}

/** Processes that run this script, as soon as each has sent its first message. */
export async function forkAll(script: string, count: number): Promise<readonly ChildProcess[]> {
  const execArgv = ["--no-warnings", `--import=${USE_SOURCE}`];
  const children = Array.from({ length: count }, () => fork(script, { execArgv }));
  await Promise.all(children.map(answerOf));
  return children;
}

/** Lets them go: a script ends when nobody is left to tell it anything. */
export async function endAll(children: readonly ChildProcess[]): Promise<void> {
  const exits = children.map((child) => child.exitCode === null && once(child, "exit"));
  for (const child of children) child.disconnect();
  await Promise.all(exits);
}

/** For a database that lives in one process: the groups are there too. */
export function callersHere(
  stores: Pick<OpenStore, "store" | "db">,
  [groups, each]: readonly [number, number],
): Callers {
  return {
    race: async (order) => {
      const group = (_: unknown, index: number) => carryOut(stores, order(index), each);
      return (await Promise.all(Array.from({ length: groups }, group))).flat();
    },
    close: async () => {},
  };
}

export function tellAll<Told extends object = Message>(
  children: readonly ChildProcess[],
  message: (index: number) => Told,
): Promise<unknown[]> {
  const answers = children.map(answerOf);
  children.forEach((child, index) => {
    child.send(message(index));
  });
  return Promise.all(answers);
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onExit = (code: number | null): void => reject(new TypeError(`The process ended with ${code}.`));
  child.once("exit", onExit);
  try {
    return (await Promise.race([once(child, "message"), ended]))[0];
  } finally {
    child.off("exit", onExit);
  }
}
