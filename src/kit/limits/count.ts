import type { Context } from "../../context.ts";
import type { RateVerdict } from "../../ports/rate-limiter.ts";
import type { Client } from "../input.ts";
import { type Judged, type LimitedAttempt, pointsOf, recordRefusal } from "./refusal.ts";

/** Gives account, device and session their point back: a right answer must not count against its owner. */
export type Refund = () => Promise<void>;

export interface Counted {
  /** Of the rule that is used up. */
  readonly refusal: RateVerdict | null;
  readonly counted: readonly CountedLimit[];
}

interface CountedLimit extends Judged {
  /** Milliseconds since the epoch, from before the count. */
  readonly at: number;
}

/** Counts limit after limit until one is used up, and records the milestones of that one. */
export async function countAll(ctx: Context, attempt: LimitedAttempt): Promise<Counted> {
  const counted: CountedLimit[] = [];
  for (const limit of attempt.limits) {
    const at = ctx.clock.now().getTime();
    const verdict = await ctx.limiter.consume(limit.key, limit.rule).catch((error) => {
      // A limiter that is down in part must not use up what its other part counts. The caller does not wait.
      giveBack(ctx, counted).catch(() => {});
      throw error;
    });
    if (limit.scope === "address") tellClient(ctx, attempt.client, { limit, verdict });
    if (!verdict.allowed) {
      await recordRefusal(ctx, attempt, { limit, verdict });
      return { refusal: verdict, counted };
    }
    counted.push({ limit, verdict, at });
  }
  return { refusal: null, counted };
}

export function refundOf(ctx: Context, counted: Counted["counted"]): Refund {
  return () => giveBack(ctx, counted);
}

async function giveBack(ctx: Context, counted: Counted["counted"]): Promise<void> {
  const now = ctx.clock.now().getTime();
  await Promise.all(
    counted
      // A point whose window is over is not given back: it would be a point of somebody else's attempt.
      .filter(({ limit, verdict, at }) => limit.scope !== "address" && now - at < verdict.resetMs)
      .map(({ limit: { key, rule }, verdict }) => ctx.limiter.refund(key, rule, verdict)),
  );
}

function tellClient(ctx: Context, { onRateLimit }: Client, judged: Judged): void {
  const { limit, verdict } = judged;
  const points = pointsOf(judged);
  const tell = async (): Promise<unknown> =>
    onRateLimit?.({
      limit: points,
      windowSeconds: Math.ceil(limit.rule.windowMs / 1000),
      remaining: Math.max(0, points - verdict.count),
      resetSeconds: Math.max(1, Math.ceil(verdict.resetMs / 1000)),
    });
  tell().catch(ctx.report);
}
