import type { PurgeOptions } from "../../api/auth.ts";
import { purgeOptions } from "../../api/input-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import { parseCallOptions } from "../../kit/input.ts";
import { deleteInBatches } from "../../lib/in-batches.ts";
import type { PurgeResult } from "../../ports/auth-store.ts";

/** Deletes what is older than `retention`, and expired one-time tokens and proofs. */
export async function purge(
  ctx: Context,
  { input }: Pick<OpenRequest<PurgeOptions>, "input">,
): Promise<PurgeResult> {
  const { maxMs } = parseCallOptions(purgeOptions, input);
  const now = ctx.clock.now();
  const { events, endedSessions, deadMail } = ctx.settings.retention;
  const cutoffs = {
    now,
    eventsBefore: addMs(now, -events),
    endedSessionsBefore: addMs(now, -endedSessions),
    deadMailBefore: addMs(now, -deadMail),
  };
  return deleteInBatches({ deleteBatch: (limit) => ctx.store.purge(cutoffs, limit), maxMs });
}
