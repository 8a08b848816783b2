import type { KeyObject } from "node:crypto";
import type { Context } from "../context.ts";
import type { AuthEvent, AuthEventOutcome, AuthEventType } from "../domain/auth-event.ts";
import type { EventId, SessionId, UserId } from "../domain/ids.ts";
import type { User } from "../domain/user.ts";
import { pseudonym } from "../lib/secrets.ts";
import type { Client } from "./input.ts";

/** An event before it has an id and a time. */
export interface EventDraft {
  readonly type: AuthEventType;
  readonly outcome: AuthEventOutcome;
  readonly reason?: string | undefined;
  readonly userId?: UserId | undefined;
  readonly attemptedEmail?: string | undefined;
  readonly sessionId?: SessionId | undefined;
  readonly data?: AuthEvent["data"] | undefined;
}

/** The account that an event names. */
export type Named = Pick<EventDraft, "userId" | "attemptedEmail" | "sessionId">;

export function newEvent(ctx: Context, draft: EventDraft, client: Client): AuthEvent {
  const occurredAt = ctx.clock.now();
  return Object.freeze({
    id: ctx.newId<EventId>(occurredAt),
    type: draft.type,
    outcome: draft.outcome,
    reason: draft.reason ?? null,
    userId: draft.userId ?? null,
    attemptedEmail: draft.attemptedEmail ?? null,
    sessionId: draft.sessionId ?? null,
    ip: client.ip,
    userAgent: client.userAgent,
    requestId: client.requestId,
    data: draft.data ?? null,
    occurredAt,
  });
}

/**
 * The account that the event of an attempt with this email names. Without an account it names a pseudonym only: an
 * unknown "email" is often a password in the wrong field. With an account it names the user too, so that a deletion
 * of the user also removes the email.
 */
export function nameAccount(ctx: Context, user: User | null, emailCanonical: string): Named {
  // Made for a known account, too: it must take as long as for an unknown one.
  const attemptedEmail = pseudonymOf(ctx, emailCanonical);
  return user ? { userId: user.id, attemptedEmail: emailCanonical } : { attemptedEmail };
}

/** A keyed hash of an email. It replaces the email in limits, and in events if no account has the email. */
export function pseudonymOf(ctx: Context, emailCanonical: string): string {
  return pseudonymsOf(ctx, emailCanonical)[0];
}

/**
 * The pseudonyms of an email under every secret, the first secret's first. During a rotation, other instances may use
 * another secret first: what they counted or recorded is under one of these.
 */
export function pseudonymsOf(ctx: Context, emailCanonical: string): readonly [string, ...string[]] {
  const [first, ...others] = ctx.keys("pseudonym") as readonly [KeyObject, ...KeyObject[]];
  return [pseudonym(first, emailCanonical), ...others.map((key) => pseudonym(key, emailCanonical))];
}

/** Stores an event outside any transaction, so that it survives the failure that it records. */
export async function recordEvent(ctx: Context, draft: EventDraft, client: Client): Promise<void> {
  const event = newEvent(ctx, draft, client);
  await ctx.store.events.append([event]);
  announceEvent(ctx, event);
}

/** Passes a stored event to the application's `onEvent`, which can neither fail nor delay the flow. */
export function announceEvent(ctx: Context, event: AuthEvent): void {
  const { onEvent } = ctx.settings;
  if (!onEvent) return;
  void Promise.resolve(event).then(onEvent).catch(ctx.report);
}
