import { fork } from "node:child_process";
import { once } from "node:events";

/** Requests over so many connections, each of which waits for its answer before the next. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In seconds. */
  readonly duration?: number;
  /** One after the other over each connection. Default: `GET`. */
  readonly requests?: { readonly method: "POST"; readonly body: string }[];
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
    rate: async (load) => {
      const answered = once(child, "message");
      child.send(load);
      const [{ succeeded, failed, seconds }] = (await Promise.race([answered, died])) as [Answered];
      if (failed > 0) throw new Error(`${load.url}: ${failed} answers were no success.`);
      return succeeded / seconds;
    },
    end: async () => {
      child.disconnect();
      await ended;
    },
  };
}
