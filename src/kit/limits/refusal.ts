import type { Context } from "../../context.ts";
import type { AuthEvent, AuthEventOutcome, AuthEventType } from "../../domain/auth-event.ts";
import type { LimitScope } from "../../domain/budget.ts";
import type { KeyRule, RateVerdict } from "../../ports/rate-limiter.ts";
import type { Client } from "../input.ts";
import { type EventDraft, type Named, recordEvent } from "../record-event.ts";

/** One rule for one key. */
export interface Limit {
  readonly scope: LimitScope;
  readonly key: string;
  readonly rule: KeyRule;
  /** Whether a right answer gives the point back. */
  readonly isRefunded: boolean;
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
  /** Default `refused`. */
  readonly outcome?: AuthEventOutcome | undefined;
  /** Default `rate_limited`. A success has null. */
  readonly reason?: string | null | undefined;
  readonly data?: AuthEvent["data"] | undefined;
}

interface RefusedAttempt extends RefusalDraft {
  readonly client: Client;
}

/** Records the first refusal of a key, and one at every doubling. A flood is visible in the log but cannot fill it. */
export async function recordRefusal(ctx: Context, attempt: RefusedAttempt, judged: Judged): Promise<void> {
  const { count } = judged.verdict;
  if (!isMilestone(count, pointsOf(judged))) return;
  const data = { ...attempt.data, limit: judged.limit.scope, count };
  await recordEvent(ctx, draftOf({ ...attempt, data }), attempt.client);
}

/** The event of a refusal, with its defaults. */
export function draftOf(refusal: RefusalDraft): EventDraft {
  const { type, named, outcome = "refused", reason = "rate_limited", data } = refusal;
  return { type, outcome, reason: reason ?? undefined, ...named, data: data ?? undefined };
}

function isMilestone(count: number, points: number): boolean {
  return count === points + 1 || (count > points && Number.isInteger(Math.log2(count / points)));
}

/** The points of the rule that made the verdict. */
export function pointsOf({ limit, verdict }: Judged): number {
  return verdict.points ?? limit.rule.points;
}
