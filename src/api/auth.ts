import type { Route } from "../contract/route.ts";
import type { Duration } from "../domain/duration.ts";
import type { JsonWebKeySet } from "../domain/signing-key.ts";
import type { PurgeResult } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  ClientInfo,
  EventsPageInput,
  LoginInput,
  PasswordChangeInput,
  PurgeOptions,
  ReauthenticateInput,
  SignupInput,
  VerifyOptions,
} from "./inputs.ts";
import type {
  CurrentUser,
  EventsPage,
  Health,
  ListedSession,
  LoginResult,
  NoClaims,
  Principal,
  Reauthenticated,
  Refreshed,
  RevokedSession,
  RevokedSessions,
  SignedIn,
  SignupResult,
} from "./results.ts";

export type * from "./inputs.ts";
export type * from "./results.ts";

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
  signup(input: SignupInput, client: ClientInfo): Promise<SignupResult>;
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
  /** The HTTP routes that the features bring. `createHandler` serves them beside its own. */
  readonly routes: readonly Route[];
  /**
   * Deletes, in short batches, what is older than `retention` keeps it: events and ended sessions; and
   * one-time tokens that have expired. Call it now and then, from any number of places. Batches that were
   * deleted before a failure stay deleted.
   *
   * Codes: `invalid_input` (`maxMs`), `unavailable`.
   */
  purge(options?: PurgeOptions): Promise<PurgeResult>;
  /**
   * Says whether this instance can serve, for readiness probes: it asks the store and the limiter for at most
   * 2 seconds. It never rejects. Who may see it is for your application to decide.
   */
  health(): Promise<Health>;
  /** The public halves of `signingKeys` (RFC 7517); none, when tokens are signed with the secret. */
  jwks(): JsonWebKeySet;
  /** The time that all of this goes by. */
  readonly clock: Clock;
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
  revoke(accessToken: string, sessionId: string, client?: ClientInfo): Promise<RevokedSession>;
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
  /**
   * Records that a request was refused since another site's page had sent it: the first of an address in each
   * minute, and one at each doubling. `createHandler` calls it in cookie mode; an HTTP layer of your own may.
   *
   * Codes: `invalid_input` (the client), `unavailable`.
   */
  recordCrossSite(client: ClientInfo): Promise<void>;
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
