import type { AuthEventOutcome, AuthEventType } from "./domain/auth-event.ts";
import type { SessionId, UserId } from "./domain/ids.ts";
import type { PurgeResult } from "./ports/auth-store.ts";

/**
 * What `createAuth` makes. Every method rejects with an `AuthError`, and with nothing else. Beside the
 * codes named at each, any may end in `internal_error`: a fault of the library or an adapter.
 */
export interface Auth {
  /**
   * Creates an account and signs it in.
   *
   * Codes: `invalid_input`, `weak_password`, `rate_limited`, `email_taken`, `overloaded`, `unavailable`, and
   * what `hooks.userCreated` refuses with.
   */
  signup(input: SignupInput, client: ClientInfo): Promise<SignedIn>;
  /**
   * Signs in with email and password. Unknown, disabled and passwordless accounts answer like a wrong
   * password, in the same time (OWASP Authentication Cheat Sheet; ASVS 5.0, 6.3.8).
   *
   * Codes: `invalid_input`, `rate_limited`, `invalid_credentials`, `overloaded`, `unavailable`.
   */
  login(input: LoginInput, client: ClientInfo): Promise<LoginResult>;
  /**
   * Ends the token's session: every token of it is refused from now on. An expired token still ends its
   * session, and an ended session answers as success; only a store that answered makes it a success.
   *
   * Codes: `invalid_token`, `invalid_input` (the client), `unavailable`.
   */
  logout(accessToken: string, client?: ClientInfo): Promise<void>;
  /**
   * Says whose token this is, after checking signature, claims, session and the user's status.
   *
   * Codes: `invalid_token`, `token_expired`, `session_revoked`, `session_expired`, `forbidden` (another
   * user than `options.userId`), `unavailable`.
   */
  verifyToken(accessToken: string, options?: VerifyOptions): Promise<Principal>;
  /** The token's user and session. Codes: those of `verifyToken`. */
  getUser(accessToken: string): Promise<CurrentUser>;
  readonly sessions: SessionsApi;
  readonly events: EventsApi;
  readonly users: UsersApi;
  /**
   * Deletes, in short batches, what is older than `retention` keeps it: events and ended sessions; and
   * one-time tokens that have expired. Call it now and then, from any number of places. Batches that were
   * deleted before a failure stay deleted.
   *
   * Codes: `invalid_input` (`maxMs`), `unavailable`.
   */
  purge(options?: PurgeOptions): Promise<PurgeResult>;
  /** Closes store and limiter; `unavailable` if they cannot. Calls in flight may fail with `unavailable`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SessionsApi {
  /** The live sessions of the token's user, newest first. Codes: those of `verifyToken`. */
  list(accessToken: string): Promise<readonly ListedSession[]>;
}

export interface EventsApi {
  /** The audit trail of the token's user, newest first. Codes: `invalid_input`, those of `verifyToken`. */
  list(accessToken: string, page?: EventsPageInput): Promise<EventsPage>;
}

/**
 * For operators. Whoever can call these can do it to every user: who may is for your application to decide.
 * An id that no user has, or that is none at all, is `not_found`.
 */
export interface UsersApi {
  /**
   * Ends every session of the user at once and refuses every login from now on, those in flight included.
   * To a stranger a disabled account answers like a wrong password. Disabling a disabled user is a success.
   *
   * Codes: `not_found`, `invalid_input` (the client), `unavailable`.
   */
  disable(userId: string, client?: ClientInfo): Promise<void>;
  /**
   * Lets a disabled user sign in again; the sessions of before stay ended. Enabling an active user is a
   * success.
   *
   * Codes: `not_found`, `invalid_input` (the client), `unavailable`.
   */
  enable(userId: string, client?: ClientInfo): Promise<void>;
  /**
   * Deletes the user with password, sessions and one-time tokens, and frees the email. Their events stay
   * for the audit, without user and email: all have the same keyed hash in its place.
   *
   * Codes: `not_found`, `invalid_input` (the client), `unavailable`.
   */
  delete(userId: string, client?: ClientInfo): Promise<void>;
}

export interface PurgeOptions {
  /** No batch begins after so many whole milliseconds; the first always does. Default: no bound. */
  readonly maxMs?: number | undefined;
}

export interface SignupInput {
  /** At most 254 bytes; a local part of ASCII, a domain that may be internationalised. */
  readonly email: string;
  /** At most 1,024 bytes. It is compared after NFC. */
  readonly password: string;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
}

/** Who is calling. It is recorded, and `ip` is the key of the address limits. */
export interface ClientInfo {
  /** The client's address; `null` (a job, a script) has no address limit, and the events say so. */
  readonly ip: string | null;
  readonly userAgent?: string | undefined;
  /** Your id of the request, to find it again in the audit log. */
  readonly requestId?: string | undefined;
}

export interface VerifyOptions {
  /** Refuse, with `forbidden`, a principal who is not this user; `undefined` is nobody. */
  readonly userId?: string;
}

/** A proven identity: take it from here, never from input. */
export interface Principal {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** How the user proved who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly authenticatedAt: Date;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface PublicUser {
  readonly id: UserId;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

export interface SessionInfo {
  readonly id: SessionId;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly amr: readonly string[];
}

export interface ListedSession extends SessionInfo {
  /** Whether it is the session of the token that asked. */
  readonly current: boolean;
}

export interface CurrentUser {
  readonly user: PublicUser;
  readonly session: SessionInfo;
}

export interface SignedIn extends CurrentUser {
  readonly status: "signed_in";
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
}

/** The password was right, and something more is asked for. There is no session yet. */
export interface LoginChallenge {
  readonly status: "challenge";
  readonly kind: string;
  readonly challengeToken: string;
  readonly expiresAt: Date;
}

export type LoginResult = SignedIn | LoginChallenge;

export interface EventsPageInput {
  /** 1 to 100; 20 when not given. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface EventsPage {
  readonly events: readonly ListedEvent[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface ListedEvent {
  readonly id: string;
  readonly type: AuthEventType;
  readonly outcome: AuthEventOutcome;
  readonly reason: string | null;
  readonly sessionId: SessionId | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly occurredAt: Date;
}
