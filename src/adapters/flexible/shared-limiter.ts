import { hash } from "node:crypto";
import type { RateRule } from "../../domain/duration.ts";
import type { RateAttempt, RateLimiter, RateVerdict } from "../../ports/rate-limiter.ts";
import { type Backends, type FlexibleResult, ruleName, scriptArguments } from "./backends.ts";
import { breaker, type Patience } from "./breaker.ts";
import type { RunScript } from "./redis-script.ts";
import { type Count, type CountTogether, whereTogether } from "./where-together.ts";

/** The limiter of all processes. It fails when its backend does. */
export function sharedLimiter(backends: Backends, patience: Patience): RateLimiter {
  const attempt = breaker(patience);
  const count: Count = async ({ key, rule }) => {
    const backend = await backends.of(rule);
    return backend.consume(nameOf(key, rule)).then(
      (result) => toVerdict(result, rule),
      (rejection) => ({ ...toVerdict(denialOf(rejection), rule), allowed: false }),
    );
  };
  const limiter: RateLimiter = {
    consume: (key, rule) => attempt(() => count({ key, rule })),
    refund: (key, rule) =>
      attempt(async () => {
        const backend = await backends.of(rule);
        const { consumedPoints } = await backend.reward(nameOf(key, rule));
        // It refunded an unspent point: the other backends may do that, Redis does not.
        if (consumedPoints < 0) await backend.penalty(nameOf(key, rule));
      }),
  };
  if (!backends.runScript) return Object.freeze(limiter);
  const countAll = whereTogether(count, byScript(backends, backends.runScript), patience.timeoutMs);
  return Object.freeze<RateLimiter>({
    ...limiter,
    consumeAll: (attempts) => attempt(() => countAll(attempts)),
  });
}

function byScript(backends: Backends, runScript: RunScript): CountTogether {
  const keyOf = async ({ key, rule }: RateAttempt): Promise<string> => {
    const backend = await backends.of(rule);
    if (!backend.getKey) throw new TypeError("the backend does not tell its keys");
    return backend.getKey(nameOf(key, rule));
  };
  return async (attempts) => {
    const keys = await Promise.all(attempts.map(keyOf));
    const args = attempts.flatMap(({ rule }) => scriptArguments(rule));
    const numbers = ((await runScript(keys, args)) as readonly unknown[]).map(toInteger);
    return attempts.slice(0, numbers.length / 2).map(({ rule }, index) => {
      const [consumedPoints = Number.NaN, msBeforeNext = 0] = numbers.slice(2 * index);
      return toVerdict({ consumedPoints, msBeforeNext }, rule);
    });
  };
}

// Some clients are told to give text. What is no number must not become 0, as `Number` makes it.
function toInteger(value: unknown): number {
  return Number.parseInt(String(value), 10);
}

// Hashed: any key fits into every backend, and no backend takes two spellings for one.
function nameOf(key: string, rule: RateRule): string {
  return `${ruleName(rule)}:${hash("sha256", key)}`;
}

// Used-up points reject like a failure does. We tell them by their shape: there may be two copies of the class.
function denialOf(rejection: unknown): FlexibleResult {
  if (typeof rejection === "object" && rejection !== null && "msBeforeNext" in rejection)
    return rejection as FlexibleResult;
  throw rejection;
}

function toVerdict(
  { consumedPoints, msBeforeNext }: FlexibleResult,
  { points, windowMs }: RateRule,
): RateVerdict {
  if (!Number.isSafeInteger(consumedPoints))
    throw new TypeError("The rate limiter answered without a count.");
  return {
    allowed: consumedPoints <= points,
    count: consumedPoints,
    resetMs: msBeforeNext > 0 ? Number(msBeforeNext) : windowMs, // some clients are told to give text
  };
}
