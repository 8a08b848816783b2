import type { FlexibleBackendClass, FlexibleResult } from "sallyport/rate-limiter";

export interface StubBackend {
  readonly Backend: FlexibleBackendClass<object>;
  /** What it was asked: `consume 5/60s:key`. */
  readonly asked: string[];
  /** What it was made with, each time. */
  readonly options: object[];
}

/** A class such as those of rate-limiter-flexible, which answers as it is told. */
export function stubBackend(answer: (verb: string) => Promise<FlexibleResult>): StubBackend {
  const asked: string[] = [];
  const options: object[] = [];
  const ask = (verb: string) => (key: string) => {
    asked.push(`${verb} ${key}`);
    return answer(verb);
  };
  class Backend {
    readonly consume = ask("consume");
    readonly reward = ask("reward");
    readonly penalty = ask("penalty");
    constructor(given: object) {
      options.push(given);
    }
  }
  return { Backend, asked, options };
}

export const COUNTED: FlexibleResult = { consumedPoints: 1, msBeforeNext: 60_000 };

/** Never answers. */
export const HANGS = (): Promise<FlexibleResult> => new Promise(() => {});
