import type { SessionId, UserId } from "./ids.ts";

/** A row of `auth_sessions`. It holds no token and no hash of one. */
export interface Session {
  readonly id: SessionId;
  readonly userId: UserId;
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

export type SessionState = "live" | "revoked" | "expired";

/** A session that expires at noon is refused at noon. */
export function sessionState(session: Session, now: Date): SessionState {
  if (session.revokedAt) return "revoked";
  return now < session.expiresAt && now < session.idleExpiresAt ? "live" : "expired";
}
