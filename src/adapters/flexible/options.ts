import { misconfigured } from "../../errors.ts";
import { isPlainObject } from "../../lib/plain-object.ts";

export interface FlexibleRateLimiterOptions {
  /**
   * What to do when the backend fails. `"refuse"` (default): the answer is `unavailable`, and no attempt passes
   * uncounted. `"local"`: each process counts alone, with a share of each rule's points. Events record the outage.
   */
  readonly onUnavailable?: "refuse" | "local" | undefined;
  /** With `"local"`: the share of a rule's points in each process, at least one point. Over 0 to 1, default 0.25. */
  readonly localShare?: number | undefined;
  /** How long the backend may take, in milliseconds. 50 to 1500, default 1000. */
  readonly timeoutMs?: number | undefined;
}

/** Options of rate-limiter-flexible that we set, or that would loosen a limit. */
export type SetByUs =
  | "points"
  | "duration"
  | "blockDuration"
  | "blockOnConsumed"
  | "execEvenly"
  | "execEvenlyMinDelayMs"
  | "inMemoryBlockOnConsumed"
  | "inMemoryBlockDuration"
  | "insuranceLimiter"
  | "customIncrTtlLuaScript";

const RULES = "the rules come from createAuth; leave it out";
const BEHAVIOUR = "a limit would not count as promised; leave it out";
const WHY: Readonly<Record<SetByUs, string>> = {
  points: RULES,
  duration: RULES,
  blockDuration: BEHAVIOUR,
  blockOnConsumed: BEHAVIOUR,
  execEvenly: BEHAVIOUR,
  execEvenlyMinDelayMs: BEHAVIOUR,
  inMemoryBlockOnConsumed: BEHAVIOUR,
  inMemoryBlockDuration: BEHAVIOUR,
  insuranceLimiter:
    'it would count in each process alone, without an event; use onUnavailable: "local" instead',
  customIncrTtlLuaScript: BEHAVIOUR,
};

export interface FlexibleSettings {
  readonly timeoutMs: number;
  /** Null: an attempt that the backend cannot count is refused. */
  readonly localShare: number | null;
}

/** Names of classes that count in several steps, or without a bound, or answer late. There may be copies. */
const UNFIT = /NonAtomic$|^RateLimiter(?:Memory|Cluster\w*|Queue|Union)$|^Bursty|^RLWrapper/;

export function parseFlexibleOptions(
  backend: string,
  backendOptions: object,
  options: FlexibleRateLimiterOptions,
): FlexibleSettings {
  const kind = [options, backendOptions].every(isPlainObject);
  if (!kind) throw misconfigured("flexibleRateLimiter: both objects of options must be plain objects");
  const { onUnavailable = "refuse", localShare, timeoutMs = 1000, ...unknown } = options;
  const problems = [
    ...(UNFIT.test(backend)
      ? [`${backend}: cannot keep a limit for several processes; use another class`]
      : []),
    ...Object.entries(WHY).flatMap(([name, why]) =>
      name in Object(backendOptions) ? [`${name}: ${why}`] : [],
    ),
    ...Object.keys(unknown).map((name) => `${name}: no such option`),
  ];
  const demand = (met: boolean, problem: string): void => void (met || problems.push(problem));
  demand(["refuse", "local"].includes(onUnavailable), 'onUnavailable: must be "refuse" or "local"');
  demand(isWithin(timeoutMs, 50, 1500), "timeoutMs: must be between 50 and 1500");
  demand(
    localShare === undefined || isWithin(localShare, Number.MIN_VALUE, 1),
    "localShare: must be over 0 and at most 1",
  );
  demand(localShare === undefined || onUnavailable === "local", 'localShare: needs onUnavailable: "local"');
  if (problems.length > 0) throw misconfigured(`flexibleRateLimiter: ${problems.join("; ")}`);
  return { timeoutMs, localShare: onUnavailable === "local" ? (localShare ?? 0.25) : null };
}

function isWithin(value: unknown, low: number, high: number): boolean {
  return typeof value === "number" && value >= low && value <= high;
}
