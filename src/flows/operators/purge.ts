import * as z from "zod";
import type { PurgeOptions } from "../../api/auth.ts";
import type { Context, OpenRequest } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import { parseInput } from "../../kit/input.ts";
import { deleteInBatches } from "../../lib/in-batches.ts";
import type { PurgeResult } from "../../ports/auth-store.ts";

const optionsSchema = z.strictObject({
  maxMs: z
    .custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= 0, {
      params: { code: "invalid_duration" },
      message: "Use whole milliseconds, 0 or more.",
    })
    .optional(),
});

/** Deletes what is older than `retention` keeps it, and one-time tokens that have expired. */
export async function purge(
  ctx: Context,
  { input }: Pick<OpenRequest<PurgeOptions>, "input">,
): Promise<PurgeResult> {
  const { maxMs } = parseInput(optionsSchema, input);
  const now = ctx.clock.now();
  const { events, endedSessions } = ctx.settings.retention;
  const cutoffs = { now, eventsBefore: addMs(now, -events), endedSessionsBefore: addMs(now, -endedSessions) };
  return deleteInBatches({ deleteBatch: (limit) => ctx.store.purge(cutoffs, limit), maxMs });
}
