import * as z from "zod/mini";
import { DAY, duration, YEAR } from "./fields.ts";

/** Milliseconds. */
export interface RetentionSettings {
  readonly events: number;
  readonly endedSessions: number;
  readonly deadMail: number;
}

const MAY_BE_NOTHING = "must be 0 or a duration of at most 3650 days";

const mayBeNothing = z.lazy(() =>
  z.union([z.literal(0), duration], MAY_BE_NOTHING).check(z.refine((ms) => ms <= 10 * YEAR, MAY_BE_NOTHING)),
);

export const retention: z.ZodMiniType<RetentionSettings> = z.lazy(() =>
  z.strictObject({
    // At least a day: an audit log that a purge can empty at once proves nothing.
    events: z.prefault(
      duration.check(z.refine((ms) => ms >= DAY && ms <= 10 * YEAR, "must be between one day and 3650 days")),
      "180d",
    ),
    endedSessions: z.prefault(mayBeNothing, "30d"),
    deadMail: z.prefault(mayBeNothing, "7d"),
  }),
);
