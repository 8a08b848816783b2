import type { Context } from "../../context.ts";
import { AuthError } from "../../errors.ts";
import type { OutageListener } from "../../ports/rate-limiter.ts";
import type { Client } from "../input.ts";
import { type EventDraft, recordEvent } from "../record-event.ts";

/** An outage has no client. */
const NO_CLIENT: Client = { ip: null, userAgent: null, requestId: null };

/** Records the times at which a shared limiter begins and stops to count in this process alone. */
export function outageRecorder(ctx: Context): OutageListener {
  return async ({ phase, cause }) => {
    if (phase === "began") ctx.report(new AuthError("unavailable", { cause }));
    const outcome: Pick<EventDraft, "outcome" | "reason"> =
      phase === "began" ? { outcome: "failure", reason: "unavailable" } : { outcome: "success" };
    await recordEvent(ctx, { type: "limiter_fallback", ...outcome }, NO_CLIENT);
  };
}
