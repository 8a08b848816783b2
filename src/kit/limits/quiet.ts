import type { Context } from "../../context.ts";
import type { Budget } from "../../domain/budget.ts";
import type { PresentedDevice } from "../../domain/device.ts";
import { countBudget } from "./budget.ts";
import { type Refund, refundOf } from "./count.ts";
import { pointsOf } from "./refusal.ts";

const NO_CLIENT = { ip: null, userAgent: null, requestId: null };

export interface QuietSubject {
  readonly account: readonly string[];
  readonly device?: PresentedDevice | null | undefined;
}

/** How a count ended. A caller learns nothing of it. */
export interface QuietCount {
  readonly isWithin: boolean;
  /** Whether this was the last one that the budget allows. */
  readonly isLast: boolean;
  readonly refund: Refund;
}

/**
 * Counts something that strangers can cause, and that its owner must not be told by an error. It throws no
 * `rate_limited`, and it leaves no event: the caller goes on either way, with the same statements.
 */
export async function countQuietly(ctx: Context, budget: Budget, subject: QuietSubject): Promise<QuietCount> {
  const { refusal, counted } = await countBudget(ctx, budget, { ...subject, client: NO_CLIENT });
  return {
    isWithin: refusal === null,
    isLast: counted.some((judged) => judged.verdict.count >= pointsOf(judged)),
    refund: refundOf(ctx, refusal ? [] : counted),
  };
}
