import { addMs, type Duration, parseDuration } from "../domain/duration.ts";
import { misconfigured } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves the clock forward: `"15m"`, or milliseconds. */
  advance(duration: Duration): void;
  set(date: Date): void;
}

/**
 * A clock for tests. It starts at the beginning of 2026, or at `start`.
 *
 * @example
 * ```ts
 * import { createAuth, memoryStore } from "sallyport";
 * import { fakeClock } from "sallyport/testing";
 *
 * const clock = fakeClock();
 * const auth = createAuth({ secret: process.env["AUTH_SECRET"], store: memoryStore(), clock });
 * clock.advance("15m");
 * ```
 */
export function fakeClock(start: Date | string = "2026-01-01T00:00:00.000Z"): FakeClock {
  let current = validDate(start);
  return Object.freeze<FakeClock>({
    now: () => new Date(current),
    advance: (duration) => {
      const ms = parseDuration(duration);
      if (ms === null)
        throw misconfigured('advance() needs a positive duration: 1500, or a text like "15m".');
      current = addMs(current, ms);
    },
    set: (date) => {
      current = validDate(date);
    },
  });
}

function validDate(value: Date | string): Date {
  // `new Date(null)` is 1970, and `new Date([2026])` is 2026.
  const isMoment = typeof value === "string" || value instanceof Date;
  const date = new Date(isMoment ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw misconfigured("A fake clock needs a valid date.");
  return date;
}
