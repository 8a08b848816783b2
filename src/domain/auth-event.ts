import type { EventId, SessionId, UserId } from "./ids.ts";

export type AuthEventType =
  | "signup"
  | "login"
  | "refresh"
  | "reauthenticate"
  | "change_password"
  | "logout"
  | "revoke_session"
  | "revoke_other_sessions"
  | "disable"
  | "enable"
  | "delete"
  | "cross_site_request"
  | "limiter_fallback";

/** `refused`: turned away by a limit, or as another site's request. `challenged`: right so far, a further factor is asked for. */
export type AuthEventOutcome = "success" | "failure" | "refused" | "challenged";

/** A row of `auth_events`, the audit log. Rows are only ever added. */
export interface AuthEvent {
  readonly id: EventId;
  readonly type: AuthEventType;
  readonly outcome: AuthEventOutcome;
  /**
   * Why. Failures: `unknown_email`, `no_password`, `wrong_password`, `disabled`, `superseded` (a security
   * change came first), `email_taken`, `weak_password` (breached), `overloaded`, `refresh_stale` (overtaken
   * by two rotations), `refresh_reuse` (a copy in two hands: the session was ended), `refresh_exhausted` (no
   * counter left: it was ended, too), or the error's code.
   * Refusals: `rate_limited`, `cross_site_request`. A shared limiter that went away: `unavailable`. Challenges: the gate's kind.
   * Successes: null.
   */
  readonly reason: string | null;
  readonly userId: UserId | null;
  /**
   * The canonical email when an account has it, else a keyed hash of it: people type passwords there. After
   * the deletion of the account it is the hash in each of its events.
   */
  readonly attemptedEmail: string | null;
  readonly sessionId: SessionId | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly data: Readonly<Record<string, string | number | boolean>> | null;
  readonly occurredAt: Date;
}
