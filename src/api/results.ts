import type { AuthEventOutcome, AuthEventType } from "../domain/auth-event.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import type { FullTable } from "../ports/rate-limiter.ts";

// The results of the calls of `Auth`.

/** Whether this instance can serve, for readiness probes. */
export interface Health {
  /** The store answers, the limiter counts, and the hash queue has room. */
  readonly ready: boolean;
  readonly store: "up" | "down";
  /** `local`: the backend of a shared limiter does not answer, and this process counts alone. */
  readonly limiter: "up" | "local" | "down";
  /**
   * `late`: a mail has been due for more than 5 minutes. `off`: there is no mailer. It does not decide whether the
   * instance is ready: users who are signed in need no mail.
   */
  readonly mail: "up" | "late" | "down" | "off";
  /** The tables of the limiter that are full now: new keys share counters, and may be refused too early. */
  readonly fullTables: readonly FullTable[];
  readonly hashing: HashLoad;
}

/** Password hashes of this instance at this moment. */
export interface HashLoad {
  readonly running: number;
  readonly waiting: number;
  /** The most hashes that may run at once. */
  readonly concurrency: number;
  /** The most hashes that may wait. Beyond it a call answers `overloaded`. */
  readonly queue: number;
}

/** The claims of an application without `hooks.claims`. */
export interface NoClaims extends Readonly<Record<never, never>> {}

/** A proven identity. Take the user's id from here, never from the input of a request. */
export interface Principal<Claims extends object = NoClaims> {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** The methods by which the user proved their identity (RFC 8176), according to this token. */
  readonly amr: readonly string[];
  /**
   * The time of that proof in whole seconds, according to this token. A reauthentication makes only its new token
   * fresher: a copy of an older token gains nothing.
   */
  readonly authenticatedAt: Date;
  /**
   * The claims that `hooks.claims` returned when the token was made. A token from before the hook existed is refused as
   * `token_expired`. But a token from before a change of the hook has claims of the older form.
   */
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
  /** Whether it is the session of the caller's token. */
  readonly current: boolean;
}

export interface CurrentUser {
  readonly user: PublicUser;
  readonly session: SessionInfo;
}

/** Called with what a check of a token has read. */
export type OnRead = (current: CurrentUser) => void;

/** The next pair of tokens of a session. */
export interface Refreshed extends CurrentUser {
  readonly status: "signed_in";
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  /** For one call of `refresh`. Keep it where scripts of other sites cannot read it. */
  readonly refreshToken: string;
  /** The time at which the session ends, unless it is refreshed before. */
  readonly refreshTokenExpiresAt: Date;
}

/** A new session. The user has proved their identity for it. */
export interface SignedIn extends Refreshed {
  /**
   * Keep it on the device, also after a logout, and pass it to the next login there. It is valid for 180 days, and
   * until the password or the status of the account changes. A password change returns a new one. It grants no access. A refresh does not return one: a thief of tokens must not gain more guesses of the password.
   */
  readonly deviceToken: string;
}

/** The same session with the next pair of tokens. Keep both: the earlier refresh token is used up. */
export interface Reauthenticated {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
}

export interface RevokedSession {
  /** Whether it was the session of the caller's token. */
  readonly current: boolean;
}

export interface RevokedSessions {
  /** The number of sessions that this call ended. It includes sessions that had expired and were not revoked yet. */
  readonly revoked: number;
}

/** The proofs so far were right, and a further proof is required. There is no session yet. */
export interface LoginChallenge {
  readonly status: "challenge";
  /** The required proof: `email` or `second_factor`. */
  readonly kind: string;
  /** The methods that answer the challenge. One of them is enough: `POST /auth/challenges/<method>`. */
  readonly methods: readonly string[];
  readonly challengeToken: string;
  readonly expiresAt: Date;
}

export type LoginResult = SignedIn | LoginChallenge;

/**
 * A mail is on its way, if the address may get one. The answer is the same for every address. It says nothing of
 * accounts.
 */
export interface MailSent {
  readonly status: "check_email";
  /** Keep it in the browser that asked: with it, the code of the mail counts there. It is not a session. */
  readonly challengeToken: string;
  /** When the link of the mail ends. The code ends earlier: `mail.ttl.code`. */
  readonly expiresAt: Date;
}

/** The session of a new account. */
export interface SignedUp extends SignedIn {
  /** Only with `email.verification: "later"`: for `email.verify`, beside the code of the mail. */
  readonly challengeToken?: string | undefined;
}

/**
 * With `email.verification: "required"` it is always `check_email`, for taken and free emails alike. Otherwise it is a
 * session, or a challenge if a feature requires more than the password.
 */
export type SignupResult = SignedUp | LoginChallenge | MailSent;

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
