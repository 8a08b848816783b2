import type { AuthEventOutcome, AuthEventType } from "../domain/auth-event.ts";
import type { SessionId, UserId } from "../domain/ids.ts";

// What the calls of `Auth` answer.

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
