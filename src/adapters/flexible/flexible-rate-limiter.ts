import { hash } from "node:crypto";
import type { RateRule } from "../../domain/duration.ts";
import { misconfigured } from "../../errors.ts";
import type { RateLimiter, RateVerdict } from "../../ports/rate-limiter.ts";
import { memoryRateLimiter } from "../memory/rate-limiter.ts";
import {
  type BackendFor,
  type FlexibleBackendClass,
  type FlexibleResult,
  flexibleBackends,
  ruleName,
} from "./backends.ts";
import { type Breaker, breaker } from "./breaker.ts";
import { withLocalFallback } from "./local-fallback.ts";
import { type FlexibleRateLimiterOptions, parseFlexibleOptions, type SetByUs } from "./options.ts";

/**
 * A rate limiter that several processes share, on any backend of rate-limiter-flexible.
 *
 * `backendOptions` are those of the class, but for its rules, which come from `limits` of `createAuth`. A
 * backend that fails, or does not answer within `timeoutMs`, makes the answer `unavailable`, unless
 * `onUnavailable` says otherwise. The client stays yours: it is not closed here.
 *
 * On Redis (clients `redis`, `ioredis`) a rule is exact: in any span of its window at most its points are
 * allowed. The other backends count in fixed windows, which allow up to twice the points across the edge of
 * two. Valkey speaks the protocol of Redis, and is not tested.
 *
 * Throws `invalid_configuration` for an option that would loosen a limit.
 *
 * @example
 * ```ts
 * import { createClient } from "redis";
 * import { RateLimiterRedis } from "rate-limiter-flexible";
 * import { flexibleRateLimiter } from "sallyport/rate-limiter";
 *
 * const storeClient = await createClient({ url: "redis://127.0.0.1:6379" }).connect();
 * const rateLimiter = flexibleRateLimiter(RateLimiterRedis, { storeClient });
 * ```
 */
export function flexibleRateLimiter<Options extends object>(
  Backend: FlexibleBackendClass<Options>,
  backendOptions: Omit<Options, SetByUs>,
  options: FlexibleRateLimiterOptions = {},
): RateLimiter {
  const { timeoutMs, localShare } = parseFlexibleOptions(Backend.name, backendOptions, options);
  const backendFor = openBackends(Backend, backendOptions, timeoutMs);
  if (localShare === null) return sharedLimiter(backendFor, breaker({ timeoutMs }));
  // A failure does not end the flow here: were it to wait for each of its limits, it would wait for long.
  const shared = sharedLimiter(backendFor, breaker({ timeoutMs, timeoutsInARow: 1 }));
  return withLocalFallback(shared, memoryRateLimiter(), localShare);
}

function openBackends<Options extends object>(
  Backend: FlexibleBackendClass<Options>,
  backendOptions: object,
  timeoutMs: number,
): BackendFor {
  try {
    return flexibleBackends(Backend, backendOptions, timeoutMs);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw misconfigured(`flexibleRateLimiter: ${message}`, cause);
  }
}

function sharedLimiter(backendFor: BackendFor, attempt: Breaker): RateLimiter {
  return Object.freeze({
    consume: (key: string, rule: RateRule): Promise<RateVerdict> =>
      attempt(async () => {
        const backend = await backendFor(rule);
        return backend.consume(nameOf(key, rule)).then(
          (result) => toVerdict(result, rule),
          (rejection) => ({ ...toVerdict(denialOf(rejection), rule), allowed: false }),
        );
      }),
    refund: (key: string, rule: RateRule): Promise<void> =>
      attempt(async () => {
        const backend = await backendFor(rule);
        const { consumedPoints } = await backend.reward(nameOf(key, rule));
        // It gave a point that nobody had spent: Redis does not, the other backends may.
        if (consumedPoints < 0) await backend.penalty(nameOf(key, rule));
      }),
  });
}

// Hashed: whatever the key, it fits into every backend, and none folds two spellings into one.
function nameOf(key: string, rule: RateRule): string {
  return `${ruleName(rule)}:${hash("sha256", key)}`;
}

// Who has no points left is rejected like a failure. Known by its shape: there may be two copies of its class.
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
