import { type Session, sessionState } from "./session.ts";

/** The token holds the counter as a uint32. At the last one the session ends: the counter never wraps. */
export const MAX_REFRESH_COUNTER = 0xffff_ffff;

/**
 * `rotate`: the current token. `repeat`: the token before it, within the grace: the same successor again.
 * `stale`: an older token within the grace, as a slow tab has after two quick rotations. `reuse`: two holders
 * of one token. `exhausted`: the last counter. `unknown`: a counter from the future, as after the restore of a
 * backup.
 */
export type RefreshVerdict =
  | "rotate"
  | "repeat"
  | "stale"
  | "reuse"
  | "exhausted"
  | "unknown"
  | "revoked"
  | "expired";

export interface PresentedCounter {
  readonly counter: number;
  readonly now: Date;
  /** When the token arrived: time spent waiting afterwards does not count. Default: `now`. */
  readonly arrivedAt?: Date | undefined;
  /** Milliseconds. */
  readonly grace: number;
}

/** Judges a refresh token by its counter, row by row of the table in docs/sessions.md. */
export function judgeRefresh(session: Session, presented: PresentedCounter): RefreshVerdict {
  const { counter, now, arrivedAt = now, grace } = presented;
  if (counter > session.refreshCounter) return "unknown";
  const state = sessionState(session, now);
  if (state !== "live") return state;
  if (counter === session.refreshCounter) return counter < MAX_REFRESH_COUNTER ? "rotate" : "exhausted";
  if (!isWithinGrace(session.refreshedAt, arrivedAt, grace)) return "reuse";
  return counter === session.refreshCounter - 1 ? "repeat" : "stale";
}

// Without a grace a token works once, also within one millisecond. A rotation in the future was stamped by a
// clock that runs ahead, or while this token waited: no time has passed since.
function isWithinGrace(refreshedAt: Date | null, arrivedAt: Date, grace: number): boolean {
  return grace > 0 && refreshedAt !== null && arrivedAt.getTime() - refreshedAt.getTime() <= grace;
}
