import type { RateRule } from "../../domain/duration.ts";
import { isTimeout, within } from "../../lib/within.ts";
import { type RunScript, redisScript } from "./redis-script.ts";

/** The part of a limiter of rate-limiter-flexible that we use. */
export interface FlexibleBackend {
  /** Rejects with its result when the points are used up, and with an `Error` when it could not count. */
  consume(key: string, points?: number): Promise<FlexibleResult>;
  reward(key: string, points?: number): Promise<FlexibleResult>;
  penalty(key: string, points?: number): Promise<FlexibleResult>;
  /** The key in the store. */
  getKey?(key: string): string;
  /** `false`: it creates its table first. */
  readonly tableCreated?: boolean;
}

/** The part of a `RateLimiterRes` that we use. */
export interface FlexibleResult {
  readonly consumedPoints: number;
  readonly msBeforeNext: number;
}

/** A class of rate-limiter-flexible: `RateLimiterRedis`, `RateLimiterPostgres`, ... */
export type FlexibleBackendClass<Options> = new (
  options: Options,
  ready?: (error?: Error) => void,
) => FlexibleBackend;

export interface Backends {
  /** The backend of a rule. Each rule has its own: a backend has fixed points and a fixed window. */
  of(rule: RateRule): Promise<FlexibleBackend>;
  /** Counts as the backends do, in several keys. Null: they count in one key at a time. */
  readonly runScript: RunScript | null;
}

/**
 * Makes the backend of a rule at its first use. Before that, one more backend creates the table, if there is one,
 * and later cleans it. After a failure the next call tries again. Throws what the class throws for its options.
 */
export function flexibleBackends<Options extends object>(
  Backend: FlexibleBackendClass<Options>,
  options: object,
  timeoutMs: number,
): Backends {
  const script = redisScript((options as { readonly storeClient?: unknown }).storeClient);
  const shared = { keyPrefix: "sallyport", ...options, ...script?.options };
  const openOnce = (): Promise<void> =>
    within(timeoutMs, whenReady(Backend, { ...shared, points: 1, duration: 1 } as unknown as Options));
  const open = (): Promise<void> => {
    // When processes create the table at the same moment, PostgreSQL refuses some: the second try finds it.
    const opened = openOnce().catch((error) => (isTimeout(error) ? Promise.reject(error) : openOnce()));
    opened.catch(() => {
      opening = undefined;
    });
    return opened;
  };
  let opening: Promise<void> | undefined = open();
  const made = new Map<string, FlexibleBackend>();

  return {
    async of(rule) {
      opening ??= open();
      await opening;
      const terms = { points: rule.points, duration: windowSeconds(rule) };
      const later = { ...shared, ...terms, tableCreated: true, clearExpiredByTimeout: false };
      const backend = made.get(ruleName(rule)) ?? new Backend(later as unknown as Options);
      made.set(ruleName(rule), backend);
      return backend;
    },
    runScript: script && !refusesEarly(options) ? script.run : null,
  };
}

// These classes look at the connection before each count. The script does not.
function refusesEarly(options: object): boolean {
  return Object.entries(options).some(([name, value]) => /^rejectIf\w+NotReady$/.test(name) && value);
}

/** The arguments of the script for one attempt. */
export function scriptArguments(rule: RateRule): readonly string[] {
  const seconds = String(windowSeconds(rule));
  return ["1", seconds, String(rule.points), seconds];
}

/** The part of the key that keeps rules apart in one table. */
export function ruleName(rule: RateRule): string {
  return `${rule.points}/${windowSeconds(rule)}s`;
}

// Redis and Memcached support whole seconds only. Rounded up: a longer window allows less.
function windowSeconds({ windowMs }: RateRule): number {
  return Math.ceil(windowMs / 1000);
}

function whenReady<Options>(Backend: FlexibleBackendClass<Options>, options: Options): Promise<void> {
  let settle: (error?: Error) => void = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  // Without a callback, a failure to create the table would end the process.
  const backend = new Backend(options, settle);
  assertCounts(backend);
  if (backend.tableCreated !== false) settle();
  return ready;
}

function assertCounts({ consume, reward, penalty }: FlexibleBackend): void {
  if ([consume, reward, penalty].some((verb) => typeof verb !== "function"))
    throw new TypeError("the backend must have consume, reward and penalty");
}
