import type { Context } from "../../context.ts";
import { AuthError } from "../../errors.ts";
import type { LimiterOutage, RateLimiter } from "../../ports/rate-limiter.ts";
import type { Client } from "../input.ts";
import { type EventDraft, recordEvent } from "../record-event.ts";

/** An outage has no client. */
const NO_CLIENT: Client = { ip: null, userAgent: null, requestId: null };
/** Changes that wait for a store. Beyond it the oldest outage is dropped, its begin and its end. */
const MOST_WAITING = 16;

/**
 * The limiter, whose outages are recorded. The attempt that notices a change passes only after the change is recorded.
 * If the store fails, the next attempt records it.
 */
export function recordingOutages(
  limiter: RateLimiter,
  record: (outage: LimiterOutage) => Promise<void>,
): RateLimiter {
  const waiting: LimiterOutage[] = [];
  const stop = limiter.onOutage?.((outage) => {
    if (waiting.length >= MOST_WAITING) waiting.splice(0, 2);
    waiting.push(outage);
  });
  const recordAll = async (): Promise<void> => {
    // Taken out before the store is asked: of many callers one records it.
    for (let outage = waiting.shift(); outage; outage = waiting.shift()) {
      const told = outage;
      await record(told).catch((error) => {
        waiting.unshift(told);
        throw error;
      });
    }
  };
  return Object.freeze<RateLimiter>({
    ...limiter,
    async consume(key, rule) {
      const verdict = await limiter.consume(key, rule);
      await recordAll();
      return verdict;
    },
    async close() {
      stop?.();
      await limiter.close?.();
    },
  });
}

/** Records that a shared limiter begins or stops to count in this process alone. */
export async function recordOutage(ctx: Context, { phase, cause }: LimiterOutage): Promise<void> {
  if (phase === "began") ctx.report(new AuthError("unavailable", { cause }));
  const outcome: Pick<EventDraft, "outcome" | "reason"> =
    phase === "began" ? { outcome: "failure", reason: "unavailable" } : { outcome: "success" };
  await recordEvent(ctx, { type: "limiter_fallback", ...outcome }, NO_CLIENT);
}
