import type { AuthEvent } from "../domain/auth-event.ts";
import type { Credential, CredentialKind } from "../domain/credential.ts";
import type { CredentialId, EventId, SessionId, UserId } from "../domain/ids.ts";
import type { OneTimeToken, TokenPurpose } from "../domain/one-time-token.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";

/**
 * Where users, credentials, sessions, one-time tokens and events are kept.
 *
 * Verbs promise: `find` may answer null; `admit`, `change`, `replace`, `rotate`, `consume` and
 * `countAttempt` are one conditional write each, whose affected rows decide: of N parallel callers, in
 * any number of processes, exactly one wins. Reads see every write that was answered before they began:
 * they go to the primary. Dates keep their milliseconds. A verb that fails throws and changes nothing.
 *
 * `storeSuite` of `sallyport/testing` proves all of this for an adapter.
 */
export interface AuthStore {
  readonly users: UserStore;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly events: EventStore;
  /**
   * All of `work` or nothing, READ COMMITTED or stronger. Retried whole (3 times, jittered) on deadlock,
   * serialization failure or busy: `work` may run twice, so it calls only `tx`: no hashing, mail, limiter
   * or network, and never the outer store (which throws). A transaction in which a verb threw never
   * commits, even when `work` goes on; `false`, `null` and `"conflict"` are answers, not failures.
   */
  transaction<T>(work: (tx: AuthStore) => Promise<T>): Promise<T>;
  /** Deletes at most `limit` dead rows of each kind in short statements; call again while `more`. */
  purge(cutoffs: PurgeCutoffs, limit: number): Promise<PurgeResult>;
  close(): Promise<void>;
}

export interface PurgeCutoffs {
  /** One-time tokens that expired at or before this are deleted. */
  readonly now: Date;
  readonly eventsBefore: Date;
  /**
   * Sessions that were revoked or reached their absolute end (`expiresAt`) before this are deleted. One
   * that only idled out waits for its absolute end: to find it would take an index that every refresh moves.
   */
  readonly endedSessionsBefore: Date;
}

export interface PurgeResult {
  /** Rows, of all kinds together. */
  readonly deleted: number;
  /** There may be dead rows left. */
  readonly more: boolean;
}

export interface UserStore {
  /** False: the canonical email is taken. */
  create(user: User): Promise<boolean>;
  find(id: UserId): Promise<User | null>;
  /** The user and their password in one statement, so that a missing one costs the same. */
  findForLogin(emailCanonical: string): Promise<LoginRecord | null>;
  /**
   * Sets `lastLoginAt` if the user is active and the epoch is the expected one: the lock that orders
   * logins against security changes. False: somebody changed something since.
   */
  admit(id: UserId, expectedEpoch: number, at: Date): Promise<boolean>;
  /** The same lock for every security change: epoch + 1 and the given fields. */
  change(id: UserId, expectedEpoch: number, next: UserChange): Promise<UserChangeResult>;
  /**
   * Deletes the user with credentials, sessions and tokens, in one piece. Every event of theirs stays, with
   * a null user and the pseudonym as `attemptedEmail`: the trail holds together, and keeps no email.
   * False: unknown.
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
  /** False: the kind has this identifier already. */
  add(credential: Credential): Promise<boolean>;
  /** Oldest first. */
  list(userId: UserId, kind?: CredentialKind): Promise<readonly Credential[]>;
  findByIdentifier(kind: CredentialKind, identifier: string): Promise<Credential | null>;
  /** Compare-and-swap on `version`, which grows by one; `at` becomes `lastUsedAt`. */
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
  /** Session and user in one statement. */
  find(id: SessionId): Promise<SessionRecord | null>;
  /** Neither revoked nor expired at `now`; newest first. */
  listLive(userId: UserId, now: Date, limit: number): Promise<readonly Session[]>;
  /** Counter + 1, if it is the expected one and the session is live at `next.refreshedAt`. */
  rotate(id: SessionId, expectedCounter: number, next: SessionRotation): Promise<boolean>;
  /** Sets `authenticatedAt` and `amr` of a session that is not revoked. False: foreign, unknown, revoked. */
  reauthenticate(id: SessionId, proof: Reauthentication): Promise<boolean>;
  /** False: foreign, unknown, or revoked before. */
  revoke(id: SessionId, revocation: Revocation): Promise<boolean>;
  /** Every session of the user that is not revoked, but for `except`. */
  revokeAll(except: SessionId | null, revocation: Revocation): Promise<number>;
  /** Revokes the oldest unrevoked and unexpired sessions beyond the `keep` newest. */
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
  readonly amr: readonly string[];
  readonly at: Date;
}

/** Whose session ends, why and when. A session of another user is not touched. */
export interface Revocation {
  readonly userId: UserId;
  readonly reason: string;
  readonly at: Date;
}

export interface TokenStore {
  issue(token: OneTimeToken): Promise<void>;
  /** Looks without consuming: a wrong code must not eat its challenge. Null once expired. */
  find(purpose: TokenPurpose, hash: string, now: Date): Promise<OneTimeToken | null>;
  /** Takes the token: one caller gets it, ever. Null once expired. */
  consume(purpose: TokenPurpose, hash: string, now: Date): Promise<OneTimeToken | null>;
  /** Counts one attempt if fewer than `max` were counted. False: used up, expired or unknown. */
  countAttempt(purpose: TokenPurpose, hash: string, limit: AttemptLimit): Promise<boolean>;
  revokeAll(userId: UserId, purpose?: TokenPurpose): Promise<number>;
}

export interface AttemptLimit {
  readonly max: number;
  readonly now: Date;
}

export interface EventStore {
  /**
   * All of them or none. An event of a user who is gone, perhaps since a moment ago, is kept with a null user
   * and a null `attemptedEmail`: a failure is recorded whoever is deleted meanwhile, and no email outlives
   * its user. Inside a transaction it is an error, as any other row of a user who is gone.
   */
  append(events: readonly AuthEvent[]): Promise<void>;
  /** One user's events, newest first, by keyset on the id. */
  list(query: EventQuery): Promise<readonly AuthEvent[]>;
}

export interface EventQuery {
  readonly userId: UserId;
  /** Only events older than this one. */
  readonly before?: EventId | undefined;
  readonly limit: number;
}
