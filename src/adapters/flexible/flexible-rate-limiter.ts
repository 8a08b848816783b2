import { misconfigured } from "../../errors.ts";
import type { RateLimiter } from "../../ports/rate-limiter.ts";
import { memoryRateLimiter } from "../memory/rate-limiter.ts";
import { type Backends, type FlexibleBackendClass, flexibleBackends } from "./backends.ts";
import { withLocalFallback } from "./local-fallback.ts";
import { type FlexibleRateLimiterOptions, parseFlexibleOptions, type SetByUs } from "./options.ts";
import { sharedLimiter } from "./shared-limiter.ts";

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
  const backends = openBackends(Backend, backendOptions, timeoutMs);
  if (localShare === null) return sharedLimiter(backends, { timeoutMs });
  // Here a failure does not end the call: it would wait for the timeout at each of its limits.
  const shared = sharedLimiter(backends, { timeoutMs, timeoutsInARow: 1 });
  return withLocalFallback(shared, memoryRateLimiter(), localShare);
}

function openBackends<Options extends object>(
  Backend: FlexibleBackendClass<Options>,
  backendOptions: object,
  timeoutMs: number,
): Backends {
  try {
    return flexibleBackends(Backend, backendOptions, timeoutMs);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw misconfigured(`flexibleRateLimiter: ${message}`, cause);
  }
}
