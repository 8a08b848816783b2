import { fork } from "node:child_process";
import { once } from "node:events";

/** Requests over so many connections, each of which waits for its answer before the next. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How many of them. Without it they go on for `duration` seconds. */
  readonly amount?: number;
  readonly duration?: number;
  /** One after the other over each connection. Default: `GET`. */
  readonly requests?: { readonly method: "POST"; readonly body: string }[];
}

export interface FiniteLoad extends Load {
  readonly amount: number;
}

/** What came back. */
export interface Answered {
  readonly succeeded: number;
  readonly failed: number;
  readonly seconds: number;
}

export interface LoadGenerator {
  /** Sends for `duration` seconds; answers how many succeeded in a second, and throws if one did not. */
  rate(load: Load): Promise<number>;
  /** Sends them all; throws unless every answer is a success. */
  run(load: FiniteLoad): Promise<void>;
  /** Sends them until `end`. */
  start(load: Load): void;
  end(): Promise<void>;
}

/** Autocannon, in a process of its own. */
export function loadGenerator(): LoadGenerator {
  const child = fork(new URL("load-generator.ts", import.meta.url), { execArgv: [] });
  const ended = once(child, "exit");
  const died = ended.then(() => {
    throw new Error("Who sends the requests has ended.");
  });
  died.catch(() => undefined); // told to whoever waits for it, if anybody does
  return {
    run: async (load) => {
      const answered = once(child, "message");
      child.send(load);
      const [{ succeeded }] = await Promise.race([answered, died]);
      if (succeeded !== load.amount)
        throw new Error(`${load.url}: ${succeeded} of ${load.amount} answers were a success.`);
    },
    rate: async (load) => {
      const answered = once(child, "message");
      child.send(load);
      const [{ succeeded, failed, seconds }] = (await Promise.race([answered, died])) as [Answered];
      if (failed > 0) throw new Error(`${load.url}: ${failed} answers were no success.`);
      return succeeded / seconds;
    },
    start: (load) => void child.send(load),
    end: async () => {
      child.disconnect();
      await ended;
    },
  };
}
