import type { Context } from "../../context.ts";
import type { AuthEventType } from "../../domain/auth-event.ts";
import type { LimitScope } from "../../domain/budget.ts";
import type { RateRule } from "../../domain/duration.ts";
import type { RateVerdict } from "../../ports/rate-limiter.ts";
import type { Client } from "../input.ts";
import { type Named, recordEvent } from "../record-event.ts";

/** One rule for one key. */
export interface Limit {
  readonly scope: LimitScope;
  readonly key: string;
  readonly rule: RateRule;
}

export interface Judged {
  readonly limit: Limit;
  readonly verdict: RateVerdict;
}

/** The content of the event of a refusal. */
export interface RefusalDraft {
  readonly type: AuthEventType;
  /** The account, as far as it is known without a read of the store. */
  readonly named: Named;
  /** Default `rate_limited`. */
  readonly reason?: string | undefined;
}

export interface LimitedAttempt extends RefusalDraft {
  readonly client: Client;
  /** The limits in the order of counting. After a refusal, the later limits are not counted. */
  readonly limits: readonly Limit[];
}

/** Records the first refusal of a key, and one at every doubling. A flood is visible in the log but cannot fill it. */
export async function recordRefusal(ctx: Context, attempt: LimitedAttempt, judged: Judged): Promise<void> {
  const { type, named, reason = "rate_limited", client } = attempt;
  const { count } = judged.verdict;
  if (!isMilestone(count, pointsOf(judged))) return;
  const data = { limit: judged.limit.scope, count };
  await recordEvent(ctx, { type, outcome: "refused", reason, ...named, data }, client);
}

function isMilestone(count: number, points: number): boolean {
  return count === points + 1 || (count > points && Number.isInteger(Math.log2(count / points)));
}

/** The points of the rule that made the verdict. */
export function pointsOf({ limit, verdict }: Judged): number {
  return verdict.points ?? limit.rule.points;
}
