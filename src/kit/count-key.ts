import type { Context } from "../context.ts";
import type { RateRule } from "../domain/duration.ts";
import { AuthError } from "../errors.ts";
import type { RateFallback, RateVerdict } from "../ports/rate-limiter.ts";
import { recordEvent } from "./record-event.ts";

/** What an event says of its client that tells of no client. */
const NOBODY = { ip: null, userAgent: null, requestId: null };

/** Counts an attempt of a key. When a shared limiter begins or ends to count in this process alone, it is recorded. */
export async function countKey(
  ctx: Context,
  { key, rule }: { readonly key: string; readonly rule: RateRule },
): Promise<RateVerdict> {
  const verdict = await ctx.limiter.consume(key, rule);
  await recordFallback(ctx, verdict.fallback);
  return verdict;
}

// By what was recorded, and not by a turn that shows once: an event that the store did not take is tried again.
async function recordFallback(ctx: Context, fallback: RateFallback | undefined): Promise<void> {
  const { limiterLog } = ctx;
  if (fallback?.phase === "began") ctx.report(new AuthError("unavailable", { cause: fallback.cause }));
  const countsAlone = fallback !== undefined;
  if (fallback?.phase === "quiet" || countsAlone === limiterLog.countsAlone) return;
  limiterLog.countsAlone = countsAlone; // before the store is asked: of many callers one records it
  const outcome = countsAlone
    ? ({ outcome: "failure", reason: "unavailable" } as const)
    : ({ outcome: "success" } as const);
  await recordEvent(ctx, { type: "limiter_fallback", ...outcome }, NOBODY).catch((error) => {
    if (limiterLog.countsAlone === countsAlone) limiterLog.countsAlone = !countsAlone;
    throw error;
  });
}
