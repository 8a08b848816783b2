import type { SessionId, UserId } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";

export interface SessionStore {
  create(session: Session): Promise<void>;
  /** Reads session and user in one statement. */
  find(id: SessionId): Promise<SessionRecord | null>;
  /** The sessions that are neither revoked nor expired at `now`, newest first. */
  listLive(userId: UserId, now: Date, limit: number): Promise<readonly Session[]>;
  /** The sessions of the user, ended ones too, newest first. */
  listAll(userId: UserId, limit: number): Promise<readonly Session[]>;
  /** Counter + 1, if the counter is the expected one and the session is live at `next.refreshedAt`. */
  rotate(id: SessionId, expectedCounter: number, next: SessionRotation): Promise<boolean>;
  /**
   * Sets `authenticatedAt`, `amr` and `refreshedAt`, and moves the counter by one, if it is the expected one. False:
   * the session is revoked, unknown or another user's, or another rotation came first.
   */
  reauthenticate(id: SessionId, proof: Reauthentication): Promise<boolean>;
  /** False: the session is unknown, another user's or application's, or was revoked before. */
  revoke(id: SessionId, revocation: Revocation): Promise<boolean>;
  /** Revokes every session of the revocation but `except`. Answers how many it revoked. */
  revokeAll(except: SessionId | null, revocation: Revocation): Promise<number>;
  /** Revokes the live sessions of the revocation beyond its `keep` newest. Answers how many it revoked. */
  revokeOldest(keep: number, revocation: Revocation): Promise<number>;
}

export interface SessionRecord {
  readonly session: Session;
  readonly user: User;
}

export interface SessionRotation {
  readonly refreshedAt: Date;
  readonly idleExpiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export interface Reauthentication {
  readonly userId: UserId;
  readonly expectedCounter: number;
  readonly amr: readonly string[];
  readonly at: Date;
}

/** Whose session ends, why and when. A session of another user is not touched. */
export interface Revocation {
  readonly userId: UserId;
  /** Only sessions with this audience or without one. Default: the user's sessions at every application. */
  readonly audience?: string | undefined;
  readonly reason: string;
  readonly at: Date;
}
