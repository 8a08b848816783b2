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
 * `backendOptions` are the options of the class without its rules, which come from `limits` of `createAuth`. When
 * the backend fails, or does not answer within `timeoutMs`, the answer is `unavailable`; `onUnavailable` can
 * change that. Close the client yourself.
 *
 * On Redis (clients `redis`, `ioredis`) a rule is exact: in any span of its window it allows at most its points.
 * The other backends count in fixed windows, which allow up to twice the points across the edge of two windows.
 * Valkey has the protocol of Redis, but is not tested.
 *
 * Throws `invalid_configuration` for an option that would loosen a limit.
 *
 * @example
 * ```ts
 * import { Redis } from "ioredis";
 * import { RateLimiterRedis } from "rate-limiter-flexible";
 * import { createAuth, memoryStore } from "sallyport";
 * import { flexibleRateLimiter } from "sallyport/rate-limiter";
 *
 * const redis = new Redis("redis://127.0.0.1:6379", { enableOfflineQueue: false });
 * const auth = createAuth({
 *   secret: process.env["AUTH_SECRET"],
 *   store: memoryStore(),
 *   rateLimiter: flexibleRateLimiter(RateLimiterRedis, { storeClient: redis }),
 * });
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
  // Here a failure does not end the call: it would wait for the timeout at each of its limits.
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
        // It refunded an unspent point: the other backends may do that, Redis does not.
        if (consumedPoints < 0) await backend.penalty(nameOf(key, rule));
      }),
  });
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
