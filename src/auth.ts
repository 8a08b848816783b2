import type { AuthEventOutcome, AuthEventType } from "./domain/auth-event.ts";
import type { Duration } from "./domain/duration.ts";
import type { SessionId, UserId } from "./domain/ids.ts";
import type { JsonWebKeySet } from "./domain/signing-key.ts";
import type { PurgeResult } from "./ports/auth-store.ts";

/**
 * What `createAuth` makes. Every method rejects with an `AuthError`, and with nothing else. Beside the
 * codes named at each, any may end in `internal_error`: a fault of the library or an adapter.
 */
export interface Auth<Claims extends object = NoClaims> {
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
   * Gives the next pair of tokens for a refresh token, which is thereby used up. For `session.grace` it is
   * still answered, with the same successor: of two tabs that refresh at once neither is signed out. Later
   * it is a copy in two hands: the session ends (RFC 9700, section 4.14.2).
   *
   * Codes: `invalid_token`, `session_revoked`, `session_expired`, `rate_limited`, `invalid_input` (the
   * client), `unavailable`.
   */
  refresh(refreshToken: string, client: ClientInfo): Promise<Refreshed>;
  /**
   * Ends the session of an access or refresh token: every token of it is refused from now on. An expired or
   * used one still ends its session, and an ended session answers as success; only a store that answered
   * makes it a success.
   *
   * Codes: `invalid_token`, `invalid_input` (the client), `unavailable`.
   */
  logout(token: string, client?: ClientInfo): Promise<void>;
  /**
   * Says whose token this is, after checking signature, claims, and, as `session.check` says, the session
   * and the user's status.
   *
   * Codes: `invalid_token`, `token_expired`, `session_revoked`, `session_expired`, `forbidden` (another
   * user than `options.userId`), `unavailable`.
   */
  verifyToken(accessToken: string, options?: VerifyOptions): Promise<Principal<Claims>>;
  /**
   * Asks who is signed in for their password again, before something that a found phone must not do. The
   * new access token says so (`auth_time`); those of before do not (ASVS 5.0, 7.5.1).
   *
   * Codes: those of `verifyToken`, `invalid_input`, `invalid_credentials`, `rate_limited`, `overloaded`.
   */
  reauthenticate(
    accessToken: string,
    input: ReauthenticateInput,
    client: ClientInfo,
  ): Promise<Reauthenticated>;
  /**
   * Throws `reauthentication_required` unless the user proved who they are within `maxAge` (default `"5m"`),
   * as this principal's token says, and `invalid_input` for what is no duration.
   */
  requireFresh(principal: Pick<Principal, "authenticatedAt">, maxAge?: Duration): void;
  /** The token's user and session. Codes: those of `verifyToken`. */
  getUser(accessToken: string): Promise<CurrentUser>;
  readonly password: PasswordApi;
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
  /** The public halves of `signingKeys` (RFC 7517); none, when tokens are signed with the secret. */
  jwks(): JsonWebKeySet;
  /** Closes store and limiter; `unavailable` if they cannot. Calls in flight may fail with `unavailable`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SessionsApi {
  /** The live sessions of the token's user, newest first. Codes: those of `verifyToken`. */
  list(accessToken: string): Promise<readonly ListedSession[]>;
  /**
   * Ends one session of the token's user: a lost phone's. One that had ended is a success; one that is
   * another user's, or none, is `not_found`. Codes: that, those of `verifyToken`, `invalid_input` (the client).
   */
  revoke(accessToken: string, sessionId: string, client?: ClientInfo): Promise<void>;
  /**
   * Ends every session of the token's user but the token's own. Codes: those of `verifyToken`,
   * `invalid_input` (the client).
   */
  revokeOthers(accessToken: string, client?: ClientInfo): Promise<RevokedSessions>;
}

export interface PasswordApi {
  /**
   * Sets a new password, with the current one as proof. Every session of the user ends, the token's own
   * too, copies of its tokens included; the answer is a new one. A login in flight with the old password
   * does not survive it.
   *
   * Codes: those of `verifyToken`, `invalid_input`, `weak_password`, `invalid_credentials`, `rate_limited`,
   * `overloaded`.
   */
  change(accessToken: string, input: PasswordChangeInput, client: ClientInfo): Promise<SignedIn>;
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
  /**
   * `deviceToken` of an earlier sign-in to this account: then guesses of strangers do not count against this
   * login, nor its own against the account. One that is forged, old or another account's is none.
   */
  readonly deviceToken?: string | undefined;
}

export interface ReauthenticateInput {
  readonly password: string;
}

export interface PasswordChangeInput {
  readonly currentPassword: string;
  /** By the rules of a signup. */
  readonly newPassword: string;
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

/** What `hooks.claims` adds when there is none. */
export interface NoClaims extends Readonly<Record<never, never>> {}

/** A proven identity: take it from here, never from input. */
export interface Principal<Claims extends object = NoClaims> {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** How the user proved who they are (RFC 8176), as this token says. */
  readonly amr: readonly string[];
  /**
   * When they did, in whole seconds, as this token says. After a reauthentication only its new token is
   * fresher: a copy of an older one gains nothing.
   */
  readonly authenticatedAt: Date;
  /** What `hooks.claims` said when the token was made. */
  readonly claims: Claims;
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

/** The next pair of tokens of a session. */
export interface Refreshed extends CurrentUser {
  readonly status: "signed_in";
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  /** For `refresh`, once. Keep it where other sites' scripts cannot read it. */
  readonly refreshToken: string;
  /** When the session ends unless it is refreshed before. */
  readonly refreshTokenExpiresAt: Date;
}

/** A new session, for who knew the password. */
export interface SignedIn extends Refreshed {
  /**
   * Keep it on the device, also after a logout, and give it to the next login there: 180 days. It lets nobody
   * in. A refresh gives none: whoever holds tokens but not the password must not come by more guesses.
   */
  readonly deviceToken: string;
}

/** The same session and refresh token, and a new access token. */
export interface Reauthenticated {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
}

export interface RevokedSessions {
  /** Those included whose time was over, and that nobody had ended. */
  readonly revoked: number;
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
