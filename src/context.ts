import type { KeyObject } from "node:crypto";
import type { HashLoad } from "./api/auth.ts";
import type { Settings } from "./config/parse-options.ts";
import type { NewId, SessionId, UserId } from "./domain/ids.ts";
import type { Device, LoginGate } from "./feature.ts";
import type { AuthStore } from "./ports/auth-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { PasswordHasher } from "./ports/password-hasher.ts";
import type { RateLimiter } from "./ports/rate-limiter.ts";
import type { TokenSigner } from "./ports/token-signer.ts";
import type { Report } from "./report.ts";
import type { AccessClaims } from "./tokens/access-claims.ts";

/** What every flow gets: the settings and the ports, made ready by `createAuth`. */
export interface Context {
  readonly settings: Pick<
    Settings,
    "issuer" | "limits" | "session" | "password" | "retention" | "hooks" | "onEvent"
  >;
  /** Every failure of it is an `AuthError`. */
  readonly store: AuthStore;
  /** Every failure of it is an `AuthError`. */
  readonly limiter: RateLimiter;
  /** What the log says of a shared limiter: whether this process counts alone. */
  readonly limiterLog: { countsAlone: boolean };
  /** Runs a bounded number of hashes; beyond its queue the answer is `overloaded`. */
  readonly hasher: PasswordHasher & { load(): HashLoad };
  readonly signer: TokenSigner;
  readonly signatures: SignatureCache;
  readonly refreshTokens: RefreshTokens;
  readonly deviceTokens: DeviceTokens;
  readonly sessionCheck: SessionCheck;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Keys the hashes that stand for emails in limits and events. */
  readonly pseudonymKey: KeyObject;
  readonly commonPasswords: () => Promise<ReadonlySet<string>>;
  /** In the order in which they are asked. */
  readonly gates: readonly LoginGate[];
  /** Tells the operator; never throws. */
  readonly report: Report;
}

/** Claims of tokens whose signature was verified, by the SHA-256 of the token. */
interface SignatureCache {
  get(digest: string): AccessClaims | undefined;
  set(digest: string, claims: AccessClaims): void;
}

/** A refresh token that we made: whose session, and which rotation of it. */
export interface PresentedRefresh {
  readonly sessionId: SessionId;
  readonly counter: number;
}

/** Refresh tokens: nothing of them is stored, and each has one spelling for each secret. */
interface RefreshTokens {
  issue(presented: PresentedRefresh): string;
  /** Null: not one of ours. It says nothing of the session. */
  read(token: unknown): PresentedRefresh | null;
}

/** Tokens of devices on which the password of an account was right. They grant nothing but a budget of guesses. */
interface DeviceTokens {
  /** Good for 180 days. A device that is known keeps its id, and so its budget. */
  issue(emailCanonical: string, at: Date, device: Device | null): string;
  /** Null: not one of ours, of another account, or too old. */
  read(token: unknown, emailCanonical: string, now: Date): Device | null;
}

/** Judges whether a token's session lives, as often as `session.check` says. */
interface SessionCheck {
  /** Throws `session_revoked` or `session_expired`. */
  assertLive(claims: AccessClaims): Promise<void>;
  /** What this process ends itself shows at once, in the cached mode too. */
  forgetSession(id: SessionId): void;
  forgetUser(id: UserId): void;
}
