import type { Credential, CredentialKind } from "../domain/credential.ts";
import type { CredentialId, SessionId, UserId } from "../domain/ids.ts";
import type { OneTimeToken, TokenPurpose } from "../domain/one-time-token.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import type { EventStore } from "./event-store.ts";

export type { AttemptsQuery, EventQuery, EventStore, Trail } from "./event-store.ts";

/**
 * Keeps users, credentials, sessions, one-time tokens and events.
 *
 * What every store promises:
 *
 * - `admit`, `change`, `replace`, `rotate`, `reauthenticate`, `consume` and `countAttempt` are one conditional write
 *   each. Its affected rows decide: of N parallel callers, in any number of processes, exactly one wins.
 * - A read sees every write that was answered before the read began: it goes to the primary.
 * - `find` answers null for an unknown id.
 * - Dates keep their milliseconds.
 * - A verb that fails throws and changes nothing. A row of an unknown user is `unavailable`. A taken key is `false`
 *   where the verb answers a boolean, and otherwise `internal_error`: no repetition helps.
 *
 * `storeSuite` of `sallyport/testing` proves all of this for an adapter.
 */
export interface AuthStore {
  /** Set if the rows end with this process: `createAuth` warns about it in production. */
  readonly isVolatile?: boolean | undefined;
  readonly users: UserStore;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly events: EventStore;
  /**
   * The longest that one call waits for the database, in milliseconds. Default 5,000. `createAuth` cuts off a call or
   * transaction that takes longer: it is `unavailable`, and the `work` of the transaction fails. A store with
   * connections destroys the one that was cut off.
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * Commits all of `work` or nothing, at READ COMMITTED or stronger. After a deadlock, a serialization failure
   * or a busy database it runs `work` again, whole: 3 times at most, with jittered pauses.
   *
   * So `work` calls only `tx`: no hashing, mail, limiter or network. The outer store throws inside `work`. A
   * transaction in which a verb threw never commits, even when `work` goes on. `false`, `null` and
   * `"conflict"` are answers, not failures.
   */
  transaction<T>(work: (tx: AuthStore) => Promise<T>): Promise<T>;
  /** Deletes at most `limit` dead rows of each kind, in short statements. Call it again while `more`. */
  purge(cutoffs: PurgeCutoffs, limit: number): Promise<PurgeResult>;
  close(): Promise<void>;
}

export interface PurgeCutoffs {
  /** One-time tokens that expired at or before this are deleted. */
  readonly now: Date;
  readonly eventsBefore: Date;
  /**
   * Sessions that were revoked or reached their absolute end (`expiresAt`) before this are deleted. A session
   * that only idled out waits for its absolute end: an index on the idle time would move with every refresh.
   */
  readonly endedSessionsBefore: Date;
}

export interface PurgeResult {
  /** The number of rows, of all kinds together. */
  readonly deleted: number;
  /** There may be dead rows left. */
  readonly more: boolean;
  /**
   * Events whose ids are more than a day ahead of `now`, at most 1,000: a clock was wrong. They are kept until they
   * are old by their own date. Absent: there are no such events.
   */
  readonly ahead?: number | undefined;
}

export interface UserStore {
  /** False: the canonical email or the id is taken. */
  create(user: User): Promise<boolean>;
  find(id: UserId): Promise<User | null>;
  /** Reads the user and the password in one statement, so that an unknown email costs the same. */
  findForLogin(emailCanonical: string): Promise<LoginRecord | null>;
  /**
   * Sets `lastLoginAt` if the user is active and the epoch is the expected one. This lock orders logins
   * against security changes. False: the user is not active, or a security change came first.
   */
  admit(id: UserId, expectedEpoch: number, at: Date): Promise<boolean>;
  /** Writes a security change under the same lock: epoch + 1 and the given fields. */
  change(id: UserId, expectedEpoch: number, next: UserChange): Promise<UserChangeResult>;
  /**
   * Deletes the user with all credentials, sessions and tokens, or nothing. The user's events stay, with a
   * null user and the pseudonym as `attemptedEmail`: the trail holds together and keeps no email. False: the
   * user is unknown.
   */
  remove(id: UserId, pseudonym: string): Promise<boolean>;
}

/** `stale`: the epoch has moved, or the user is gone. `conflict`: the email is taken. */
export type UserChangeResult = "changed" | "stale" | "conflict";

export interface LoginRecord {
  readonly user: User;
  readonly password: Credential | null;
}

export interface UserChange {
  readonly status?: User["status"] | undefined;
  readonly email?: string | undefined;
  readonly emailCanonical?: string | undefined;
  readonly emailVerifiedAt?: Date | null | undefined;
  readonly at: Date;
}

export interface CredentialStore {
  /** False: the identifier is taken within its kind, or the id is taken. */
  add(credential: Credential): Promise<boolean>;
  /** Oldest first. */
  list(userId: UserId, kind?: CredentialKind): Promise<readonly Credential[]>;
  findByIdentifier(kind: CredentialKind, identifier: string): Promise<Credential | null>;
  /** Writes if `version` is the expected one. `version` grows by one, and `at` becomes `lastUsedAt`. */
  replace(change: CredentialReplacement): Promise<boolean>;
  remove(userId: UserId, id: CredentialId): Promise<boolean>;
}

export interface CredentialReplacement {
  readonly userId: UserId;
  readonly id: CredentialId;
  readonly expectedVersion: number;
  readonly data: string;
  readonly at: Date;
}

export interface SessionStore {
  create(session: Session): Promise<void>;
  /** Reads session and user in one statement. */
  find(id: SessionId): Promise<SessionRecord | null>;
  /** The sessions that are neither revoked nor expired at `now`, newest first. */
  listLive(userId: UserId, now: Date, limit: number): Promise<readonly Session[]>;
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

export interface TokenStore {
  issue(token: OneTimeToken): Promise<void>;
  /** Reads without consuming: a wrong code must not use up its challenge. Null: expired or unknown. */
  find(purpose: TokenPurpose, hash: string, now: Date): Promise<OneTimeToken | null>;
  /** Takes the token: only one caller ever gets it. Null: expired, unknown or taken. */
  consume(purpose: TokenPurpose, hash: string, now: Date): Promise<OneTimeToken | null>;
  /** Counts one attempt if fewer than `max` were counted. False: the token is used up, expired or unknown. */
  countAttempt(purpose: TokenPurpose, hash: string, limit: AttemptLimit): Promise<boolean>;
  revokeAll(userId: UserId, purpose?: TokenPurpose): Promise<number>;
}

export interface AttemptLimit {
  readonly max: number;
  readonly now: Date;
}
