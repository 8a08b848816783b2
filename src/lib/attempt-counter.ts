/** How many attempts a window has, and how many milliseconds the window lasts. */
export interface WindowRule {
  readonly points: number;
  readonly windowMs: number;
}

/** The attempts of one key under one rule. Times are milliseconds since the epoch. */
export interface AttemptCounter {
  /** When the current window ends. */
  endsAt: number;
  /** Allowed in the current window, refunds taken off. */
  used: number;
  /** Refused since there were points to give. */
  refused: number;
  /** One window after the last allowed attempt. From then on this counter says no more than none would. */
  freeAt: number;
  /** What the window before used; it counts in this one until `carriedUntil`. */
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
 * Windows alone would allow twice the points across the edge of two. So a window's points stay used in the
 * next one for as long as its last allowed attempt is less than `windowMs` ago: whoever spends everything at
 * the end of a window finds nothing at the beginning of the next.
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
 * Gives one point back. Of the window before first: its points stop to count anyhow, and an attempt of the
 * current one that made room for them would be forgotten together with them.
 */
export function refundAttempt(counter: AttemptCounter): void {
  if (counter.carried > 0) counter.carried--;
  else if (counter.used > 0) counter.used--;
}

/**
 * Nothing lasts longer than a window from now on, unless the clock has stepped back: without this it would
 * keep everybody out until it is again as late as it was. `latest` is a window from now.
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
