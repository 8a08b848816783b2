import { type Session, sessionState } from "./session.ts";

/** A uint32 in the token: at the last one the session ends, instead of counting from the start. */
export const MAX_REFRESH_COUNTER = 0xffff_ffff;

/**
 * `rotate`: the current token. `repeat`: the one before it, within the grace: the same successor again.
 * `stale`: an older one within the grace, as an honest slow tab has after two quick rotations. `reuse`: a
 * copy in two hands. `exhausted`: the last counter there is. `unknown`: a counter that never was, as after
 * a backup was restored.
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
  /** When the token came in: who has waited since was no later than that. Default: `now`. */
  readonly arrivedAt?: Date | undefined;
  /** Milliseconds. */
  readonly grace: number;
}

/** What a refresh token with this counter means for its session, row by row of docs/sessions.md. */
export function judgeRefresh(session: Session, presented: PresentedCounter): RefreshVerdict {
  const { counter, now, arrivedAt = now, grace } = presented;
  if (counter > session.refreshCounter) return "unknown";
  const state = sessionState(session, now);
  if (state !== "live") return state;
  if (counter === session.refreshCounter) return counter < MAX_REFRESH_COUNTER ? "rotate" : "exhausted";
  if (!isWithinGrace(session.refreshedAt, arrivedAt, grace)) return "reuse";
  return counter === session.refreshCounter - 1 ? "repeat" : "stale";
}

// Without a grace a token is good for once, also in the same millisecond. A rotation that lies ahead was stamped by a clock that runs ahead, or while this token waited: no time has passed since.
function isWithinGrace(refreshedAt: Date | null, arrivedAt: Date, grace: number): boolean {
  return grace > 0 && refreshedAt !== null && arrivedAt.getTime() - refreshedAt.getTime() <= grace;
}
