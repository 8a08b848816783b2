import type { EventId, SessionId, UserId } from "./ids.ts";
import type { AuthEventOutcome, AuthEventType } from "./vocabulary.ts";

export type { AuthEventOutcome, AuthEventType, OwnEventType } from "./vocabulary.ts";

/** A row of `auth_events`, the append-only audit log. */
export interface AuthEvent {
  readonly id: EventId;
  readonly type: AuthEventType;
  readonly outcome: AuthEventOutcome;
  /**
   * The reason of the outcome. A failure: a `FailureReason`, or the code of its error. A refusal: `rate_limited` or
   * `cross_site_request`. A failing shared limiter: `unavailable`. A full table of the limiter: `overloaded`. A
   * challenge: the kind of the gate. A mail: its kind. Any other success: null.
   */
  readonly reason: string | null;
  readonly userId: UserId | null;
  /**
   * The canonical email if an account has it. Otherwise a keyed hash of it: users sometimes type a password there.
   * After the deletion of the account, each of its events has the hash.
   */
  readonly attemptedEmail: string | null;
  readonly sessionId: SessionId | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly data: Readonly<Record<string, string | number | boolean>> | null;
  readonly occurredAt: Date;
}

/**
 * The pseudonym of the account that an event without a user was aimed at. The owner of the account finds the event by
 * it. Null: the event is in no trail by a pseudonym.
 *
 * It is a failed attempt, or one that the limit of an account refused. Refusals of addresses do not count: a stranger
 * with many addresses could fill the trail of the owner.
 */
export function targetOf({ userId, attemptedEmail, outcome, data }: AuthEvent): string | null {
  if (userId !== null) return null;
  const isTold = outcome === "failure" || (outcome === "refused" && data?.["limit"] !== "address");
  return isTold ? attemptedEmail : null;
}
