import type { Context } from "../../context.ts";
import { recordEvent } from "../record-event.ts";
import type { LimitedAttempt } from "./budget.ts";
import { type Judged, pointsOf } from "./count.ts";

/** Records the first refusal of a key and one at every doubling: a flood shows in the log, but cannot fill it. */
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
