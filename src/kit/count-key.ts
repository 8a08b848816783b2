import type { Context } from "../context.ts";
import type { RateRule } from "../domain/duration.ts";
import { AuthError } from "../errors.ts";
import type { RateVerdict } from "../ports/rate-limiter.ts";
import { recordEvent } from "./record-event.ts";

/** What an event says of its client that tells of no client. */
const NOBODY = { ip: null, userAgent: null, requestId: null };

/** Counts an attempt of a key. When a shared limiter begins or ends to count in this process alone, it is recorded. */
export async function countKey(
  ctx: Context,
  { key, rule }: { readonly key: string; readonly rule: RateRule },
): Promise<RateVerdict> {
  const verdict = await ctx.limiter.consume(key, rule);
  const { phase, cause } = verdict.fallback ?? {};
  const type = "limiter_fallback";
  if (phase === "began") {
    ctx.report(new AuthError("unavailable", { cause }));
    await recordEvent(ctx, { type, outcome: "failure", reason: "unavailable" }, NOBODY);
  }
  if (phase === "ended") await recordEvent(ctx, { type, outcome: "success" }, NOBODY);
  return verdict;
}
