import type { SessionId, UserId } from "./ids.ts";

/** A row of `auth_sessions`. It holds no token and no hash of one. */
export interface Session {
  readonly id: SessionId;
  readonly userId: UserId;
  /** The application that opened the session. Null: a release before schema version 4 opened it. */
  readonly audience: string | null;
  /** How the user proved who they are (RFC 8176): `pwd`, `otp`, ... */
  readonly amr: readonly string[];
  readonly authenticatedAt: Date;
  readonly refreshCounter: number;
  readonly refreshedAt: Date | null;
  readonly idleExpiresAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly revokeReason: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly createdAt: Date;
}

/** A session and its user. A write that names both changes no session of another user. */
export interface OwnedSession {
  readonly sessionId: SessionId;
  readonly userId: UserId;
}

/** Why a session ended that a browser had at its next sign-in. */
export const REPLACED = "replace_session";

export type SessionState = "live" | "revoked" | "expired";

/** Whether a session belongs to an application. Several applications may share a store. */
export function isSessionOf(audience: string, session: Pick<Session, "audience">): boolean {
  return session.audience === null || session.audience === audience;
}

/** A session that expires at noon is refused at noon. */
export function sessionState(session: Session, now: Date): SessionState {
  if (session.revokedAt) return "revoked";
  const at = now.getTime();
  return at < session.expiresAt.getTime() && at < session.idleExpiresAt.getTime() ? "live" : "expired";
}
