import { fork } from "node:child_process";
import { once } from "node:events";
import type { Place, Served } from "./place.ts";

/** A server that runs, and how its row is named. */
export interface Contender extends Served {
  readonly name: string;
}

const SERVE = new URL("serve.ts", import.meta.url);

/** Starts servers one after the other, runs with all of them up, and ends them. `script` serves what it is told by message. */
export async function withContenders<P extends object = Place, T = unknown>(
  places: Readonly<Record<string, P>>,
  work: (contenders: readonly Contender[]) => Promise<T>,
  script: URL = SERVE,
): Promise<T> {
  const children: ReturnType<typeof fork>[] = [];
  try {
    const contenders: Contender[] = [];
    for (const [name, place] of Object.entries(places)) {
      const child = fork(script, { execArgv: ["--disable-warning=ExperimentalWarning"] });
      children.push(child);
      const died = once(child, "exit").then(() => Promise.reject(new Error(`${name} has ended.`)));
      died.catch(() => {}); // after the work it ends on purpose
      child.send(place);
      const [served] = (await Promise.race([once(child, "message"), died])) as [Served];
      contenders.push({ name, ...served });
    }
    return await work(contenders);
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
}
