import type { CurrentUser, ListedEvent, PublicUser, SessionInfo } from "../api/auth.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import type { SessionRecord } from "../ports/auth-store.ts";

// Each public field is named here, so a new column stays private until this file names it.

export function toPublicUser(user: User): PublicUser {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAt !== null,
    createdAt: user.createdAt,
    lastLoginAt: user.lastLoginAt,
  };
}

export function toSessionInfo(session: Session): SessionInfo {
  return {
    id: session.id,
    createdAt: session.createdAt,
    expiresAt: session.expiresAt,
    ip: session.ip,
    userAgent: session.userAgent,
    amr: session.amr,
  };
}

export function toCurrentUser({ user, session }: SessionRecord): CurrentUser {
  return { user: toPublicUser(user), session: toSessionInfo(session) };
}

export function toListedEvent(event: AuthEvent): ListedEvent {
  return {
    id: event.id,
    type: event.type,
    outcome: event.outcome,
    reason: event.reason,
    sessionId: event.sessionId,
    ip: event.ip,
    userAgent: event.userAgent,
    requestId: event.requestId,
    occurredAt: event.occurredAt,
  };
}
