import { addMs, type Duration, parseDuration } from "../domain/duration.ts";
import { misconfigured } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

/** A clock that stands still until it is told otherwise. */
export interface FakeClock extends Clock {
  /** Moves forward: `"15m"`, or milliseconds. */
  advance(duration: Duration): void;
  set(date: Date): void;
}

/** Time in a test's hands; it starts at the beginning of 2026 unless told otherwise. */
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
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw misconfigured("A fake clock needs a valid date.");
  return date;
}
