import { randomUUID } from "node:crypto";
import { within } from "../../lib/within.ts";
import type { RateAttempt, RateVerdict } from "../../ports/rate-limiter.ts";

export type Count = (attempt: RateAttempt) => Promise<RateVerdict>;
/** Counts in one call. It may count fewer, as `RateLimiter.consumeAll` may. */
export type CountTogether = (attempts: readonly RateAttempt[]) => Promise<readonly RateVerdict[]>;

/** Of two servers, one may have a tenth of the keys only: that all of these lie on the other has a chance of 0.1 %. */
const TRIED = 64;
const TRIAL = { points: 2, windowMs: 10_000 };

/**
 * Counts several attempts in one call where all keys lie together, and one at a time elsewhere. One call is wrong on a
 * cluster, which refuses it, and behind a proxy that chooses a server by the first key: there each server would count
 * an account of its own. So it tries both ways on keys of no user, after the first count that succeeds. No caller waits
 * for that.
 */
export function whereTogether(count: Count, countTogether: CountTogether, timeoutMs: number): CountTogether {
  let together: boolean | "unknown" | "trying" = "unknown";
  const tryBoth = async (): Promise<void> => {
    together = "trying";
    together = await within(timeoutMs, meet(count, countTogether)).catch(() => "unknown" as const);
  };
  return async (attempts) => {
    if (together === true && attempts.length > 1)
      return countTogether(attempts).catch((error) => {
        together = "unknown"; // the keys may have moved apart
        throw error;
      });
    const verdicts = await Promise.all(attempts.slice(0, 1).map(count));
    if (together === "unknown" && attempts.length > 1) void tryBoth();
    return verdicts;
  };
}

/** Whether counts that are made together and counts that are made alone are one. */
async function meet(count: Count, countTogether: CountTogether): Promise<boolean> {
  const trial = randomUUID();
  const attempts = Array.from({ length: TRIED }, (_, index) => ({ key: `${trial}:${index}`, rule: TRIAL }));
  await countTogether(attempts).catch(() => {});
  const verdicts = await Promise.all(attempts.map(count));
  return verdicts.every((verdict) => verdict.count === 2);
}
