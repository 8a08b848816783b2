import * as z from "zod/mini";
import { DAY, duration, YEAR } from "./fields.ts";

/** Milliseconds. */
export interface RetentionSettings {
  readonly events: number;
  readonly endedSessions: number;
}

const ENDED_SESSIONS = "must be 0 or a duration of at most 3650 days";

export const retention: z.ZodMiniType<RetentionSettings> = z.lazy(() =>
  z.strictObject({
    // At least a day: an audit log that a purge can empty at once proves nothing.
    events: z.prefault(
      duration.check(z.refine((ms) => ms >= DAY && ms <= 10 * YEAR, "must be between one day and 3650 days")),
      "180d",
    ),
    endedSessions: z.prefault(
      z
        .union([z.literal(0), duration], ENDED_SESSIONS)
        .check(z.refine((ms) => ms <= 10 * YEAR, ENDED_SESSIONS)),
      "30d",
    ),
  }),
);
