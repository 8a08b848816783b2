import type { Credential, CredentialKind } from "../domain/credential.ts";
import type { CredentialId, UserId } from "../domain/ids.ts";
import type { User } from "../domain/user.ts";
import type { EventStore } from "./event-store.ts";
import type { OutboxStore } from "./outbox-store.ts";
import type { ProofStore } from "./proof-store.ts";
import type { SessionStore } from "./session-store.ts";
import type { TokenStore } from "./token-store.ts";

export type { AttemptsQuery, EventQuery, EventStore, Trail } from "./event-store.ts";
export type { DeadMailQuery, MailClaim, OutboxStore } from "./outbox-store.ts";
export type { ProofEnding, ProofRenewal, ProofStore } from "./proof-store.ts";
export type {
  Reauthentication,
  Revocation,
  SessionRecord,
  SessionRotation,
  SessionStore,
} from "./session-store.ts";
export type { AttemptLimit, TokenStore } from "./token-store.ts";

/**
 * Keeps users, credentials, sessions, one-time tokens, proofs of a mailbox, mail that waits, and events.
 *
 * What every store promises:
 *
 * - `admit`, `change`, `verify`, `replace`, `rotate`, `reauthenticate`, `consume`, `countAttempt`, `bind` and `take`
 *   are one conditional write each, and `claim` is one for each mail. The affected rows decide: of N parallel callers,
 *   in any number of processes, exactly one wins.
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
  readonly proofs: ProofStore;
  readonly outbox: OutboxStore;
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
  /** One-time tokens and proofs that expired at or before this are deleted. */
  readonly now: Date;
  readonly eventsBefore: Date;
  /**
   * Sessions that were revoked or reached their absolute end (`expiresAt`) before this are deleted. A session
   * that only idled out waits for its absolute end: an index on the idle time would move with every refresh.
   */
  readonly endedSessionsBefore: Date;
  /** Mail that was given up before this is deleted. */
  readonly deadMailBefore: Date;
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
   * Sets `emailVerifiedAt` if it is null, the user is active and the epoch is the expected one. It takes nothing from
   * any user, so the epoch stays as it is. False: the address is verified already, the user is not active, or a
   * security change came first.
   */
  verify(id: UserId, expectedEpoch: number, at: Date): Promise<boolean>;
  /** The users with status `deleting` whose `deleteAfter` is `now` or earlier, the longest due first. */
  listDoomed(now: Date, limit: number): Promise<readonly User[]>;
  /**
   * Deletes the user with all credentials, sessions and tokens, or nothing. The user's events stay, with a
   * null user and the pseudonym as `attemptedEmail`: the trail holds together and keeps no email. The user's proofs
   * stay until they expire, with a null user, empty addresses and `{}` as `data`. False: the user is unknown.
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
  readonly deleteAfter?: Date | null | undefined;
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
