import type { AuthEventOutcome, AuthEventType } from "../domain/auth-event.ts";
import type { SessionId, UserId } from "../domain/ids.ts";

// What goes into the calls of `Auth`, and what comes out of them.

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

/** A proof of who is signed in. Features add further kinds. */
export type ReauthenticateInput = PasswordProof;

export interface PasswordProof {
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
  /** Told of each rule that counted the address, before the answer: for `RateLimit` fields of your own routes. */
  readonly onRateLimit?: ((status: RateLimitStatus) => unknown) | undefined;
}

/** What is left of an address's rule. It is the same for every account, and says nothing of one. */
export interface RateLimitStatus {
  /** Attempts that the rule allows in each window. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Attempts that are left now. */
  readonly remaining: number;
  /** Whole seconds, rounded up: until the window ends or, when nothing is left, until there is more. */
  readonly resetSeconds: number;
}

/** Whether this instance can serve, for readiness probes. */
export interface Health {
  /** The store answers, the limiter counts, and there is a place in the hash queue. */
  readonly ready: boolean;
  readonly store: "up" | "down";
  /** `local`: a shared limiter's backend is away, and this process counts alone. */
  readonly limiter: "up" | "local" | "down";
  readonly hashing: HashLoad;
}

/** Password hashes of this instance at this moment. */
export interface HashLoad {
  readonly running: number;
  readonly waiting: number;
  /** How many may run at once, and how many wait before the answer is `overloaded`. */
  readonly concurrency: number;
  readonly queue: number;
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

export interface RevokedSession {
  /** Whether it was the session of the token that asked. */
  readonly current: boolean;
}

export interface RevokedSessions {
  /** Those included whose time was over, and that nobody had ended. */
  readonly revoked: number;
}

/** The password was right, and something more is asked for. There is no session yet. */
export interface LoginChallenge {
  readonly status: "challenge";
  /** The question: `second_factor`. */
  readonly kind: string;
  /** What answers it. Any one of them is enough: `POST /auth/challenges/<method>`. */
  readonly methods: readonly string[];
  readonly challengeToken: string;
  readonly expiresAt: Date;
}

export type LoginResult = SignedIn | LoginChallenge;

/** A challenge only where a feature asks for more than the password. */
export type SignupResult = SignedIn | LoginChallenge;

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
