import type { KeyObject } from "node:crypto";
import type { Context } from "../context.ts";
import type { AuthEvent, AuthEventOutcome, AuthEventType } from "../domain/auth-event.ts";
import type { EventId, SessionId, UserId } from "../domain/ids.ts";
import type { User } from "../domain/user.ts";
import { pseudonym } from "../lib/secrets.ts";
import type { Client } from "./input.ts";

/** What is known of an event before it has an id and a time. */
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
 * Whom an attempt with this email names. Without an account nobody: an unknown "email" is often a password
 * in the wrong field. With one the user too, so that their deletion reaches the email.
 */
export function nameAccount(ctx: Context, user: User | null, emailCanonical: string): Named {
  if (!user) return { attemptedEmail: pseudonymOf(ctx, emailCanonical) };
  return { userId: user.id, attemptedEmail: emailCanonical };
}

/** Stands for an email in limits, and in events of an email that no account has. */
export function pseudonymOf(ctx: Context, emailCanonical: string): string {
  const [key] = ctx.keys("pseudonym") as readonly [KeyObject];
  return pseudonym(key, emailCanonical);
}

/** Stores an event on its own, outside of any transaction: it survives the failure that it tells of. */
export async function recordEvent(ctx: Context, draft: EventDraft, client: Client): Promise<void> {
  const event = newEvent(ctx, draft, client);
  await ctx.store.events.append([event]);
  announceEvent(ctx, event);
}

/** Shows a stored event to the application. It cannot break the flow, nor delay it. */
export function announceEvent(ctx: Context, event: AuthEvent): void {
  const { onEvent } = ctx.settings;
  if (!onEvent) return;
  void Promise.resolve(event).then(onEvent).catch(ctx.report);
}
