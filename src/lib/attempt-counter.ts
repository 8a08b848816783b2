/** How many attempts a window has, and how many milliseconds the window lasts. */
export interface WindowRule {
  readonly points: number;
  readonly windowMs: number;
}

/** The attempts of one key under one rule. Times are milliseconds since the epoch. */
export interface AttemptCounter {
  /** The end of the current window. */
  endsAt: number;
  /** The allowed attempts of the current window, less refunds. */
  used: number;
  /** The refused attempts since points were last free. */
  refused: number;
  /** One window after the last allowed attempt. From then on the counter is as good as a new one. */
  freeAt: number;
  /** The attempts of the window before. They count in this window until `carriedUntil`. */
  carried: number;
  carriedUntil: number;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly count: number;
  readonly resetMs: number;
}

export function newCounter(): AttemptCounter {
  return { endsAt: 0, used: 0, refused: 0, freeAt: 0, carried: 0, carriedUntil: 0 };
}

/**
 * Counts an attempt: in any span of `windowMs` at most `points` are allowed.
 *
 * Windows alone would allow twice the points across the edge of two windows. So the points of a window stay
 * used in the next one until its last allowed attempt is `windowMs` ago. A caller who spends all points at the
 * end of a window has none at the beginning of the next.
 */
export function countAttempt(
  counter: AttemptCounter,
  { points, windowMs }: WindowRule,
  now: number,
): Verdict {
  followClock(counter, now + windowMs);
  if (now >= counter.endsAt) beginWindow(counter, now, windowMs);
  if (counter.carried > 0 && now >= counter.carriedUntil) counter.carried = counter.refused = 0;
  const spent = counter.carried + counter.used;
  const allowed = spent < points;
  if (allowed) {
    counter.used++;
    counter.freeAt = now + windowMs;
  } else counter.refused++;
  const count = allowed ? spent + 1 : spent + counter.refused;
  const pointsAt = counter.carried > 0 ? counter.carriedUntil : counter.freeAt;
  return { allowed, count, resetMs: (count < points ? counter.endsAt : pointsAt) - now };
}

/**
 * Gives one point back, of the window before if it has one. Those points stop counting first: a refund taken
 * from them cannot free a point that an attempt of the current window still uses.
 */
export function refundAttempt(counter: AttemptCounter): void {
  if (counter.carried > 0) counter.carried--;
  else if (counter.used > 0) counter.used--;
}

/**
 * Bounds every time of the counter by `latest`, which is one window from now. A later time means that the
 * clock has stepped back. Without the bound, all attempts would be refused until the clock is as late again.
 */
export function followClock(counter: AttemptCounter, latest: number): void {
  counter.endsAt = Math.min(counter.endsAt, latest);
  counter.freeAt = Math.min(counter.freeAt, latest);
  counter.carriedUntil = Math.min(counter.carriedUntil, latest);
}

function beginWindow(counter: AttemptCounter, now: number, windowMs: number): void {
  counter.carriedUntil = counter.freeAt;
  counter.carried = now < counter.freeAt ? counter.used : 0;
  if (counter.carried === 0) counter.refused = 0;
  counter.used = 0;
  counter.endsAt = now + windowMs;
}
