import type { Context } from "../../context.ts";
import type { Client } from "../input.ts";
import { type Judged, type Limit, pointsOf } from "./refusal.ts";

/** Refunds the points of the account, device and session: a right answer must not count against its owner. */
export type Refund = () => Promise<void>;

export interface Counted {
  /** The limit that is used up, with its verdict. Null: every limit allows the attempt. */
  readonly refusal: Judged | null;
  readonly counted: readonly CountedLimit[];
}

interface CountedLimit extends Judged {
  /** The time before the count, in milliseconds since the epoch. */
  readonly at: number;
}

interface Counting {
  readonly client: Client;
  /** The limits in the order of counting. After a refusal, the later limits are not counted. */
  readonly limits: readonly Limit[];
}

/** Counts one limit after another until one is used up. The caller records the refusal. */
export async function countAll(ctx: Context, { client, limits }: Counting): Promise<Counted> {
  const counted: CountedLimit[] = [];
  while (counted.length < limits.length) {
    const next = await countNext(ctx, limits.slice(counted.length)).catch((error) => {
      // If a limiter fails in part, the limits that did count get their points back. The caller does not wait for it.
      giveBack(ctx, counted).catch(() => {});
      throw error;
    });
    for (const judged of next) tellClient(ctx, client, judged);
    const refusal = next.find(({ verdict }) => !verdict.allowed);
    if (refusal) {
      counted.push(...next.filter((judged) => judged !== refusal));
      // Nothing is compared: the limits before this one get their points back.
      giveBack(ctx, counted).catch(ctx.report);
      return { refusal, counted };
    }
    counted.push(...next);
  }
  return { refusal: null, counted };
}

/** Counts the first of these limits, and the later ones that the limiter counts in the same call. */
async function countNext(ctx: Context, limits: readonly Limit[]): Promise<readonly CountedLimit[]> {
  const at = ctx.clock.now().getTime();
  const verdicts = await ctx.limiter.consumeAll(limits.map(({ key, rule }) => ({ key, rule })));
  return verdicts.map((verdict, index) => ({ limit: limits[index] as Limit, verdict, at }));
}

export function refundOf(ctx: Context, counted: Counted["counted"]): Refund {
  return () => giveBack(ctx, counted);
}

async function giveBack(ctx: Context, counted: Counted["counted"]): Promise<void> {
  const now = ctx.clock.now().getTime();
  await Promise.all(
    counted
      // A point of an expired window is not refunded: the refund would reduce the count of a later attempt.
      .filter(({ limit, verdict, at }) => limit.isRefunded && now - at < verdict.resetMs)
      .map(({ limit: { key, rule }, verdict }) => ctx.limiter.refund(key, rule, verdict)),
  );
}

function tellClient(ctx: Context, { onRateLimit }: Client, judged: Judged): void {
  const { limit, verdict } = judged;
  if (limit.scope !== "address") return;
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
