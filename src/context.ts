import type { KeyObject } from "node:crypto";
import type { ClientInfo, HashLoad } from "./api/auth.ts";
import type { Settings } from "./config/parse-options.ts";
import type { Credential } from "./domain/credential.ts";
import type { Device } from "./domain/device.ts";
import type { NewId, SessionId, UserId } from "./domain/ids.ts";
import type { User } from "./domain/user.ts";
import type { CredentialKind, FailureReason, KeyPurpose } from "./domain/vocabulary.ts";
import type { AuthErrorCode } from "./errors.ts";
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
  /** Runs a bounded number of hashes; beyond its queue the answer is `overloaded`. */
  readonly hasher: PasswordHasher & { load(): HashLoad };
  readonly signer: TokenSigner;
  readonly signatures: SignatureCache;
  readonly refreshTokens: RefreshTokens;
  readonly deviceTokens: DeviceTokens;
  readonly sessionCheck: SessionCheck;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The keys of a purpose. The first makes, all recognise. */
  readonly keys: (purpose: KeyPurpose) => readonly KeyObject[];
  readonly commonPasswords: () => Promise<ReadonlySet<string>>;
  /** In the order in which they are asked. */
  readonly gates: readonly Gate[];
  /** Every way through the second factor, over all features. */
  readonly ways: readonly FactorWay[];
  /** Tells the operator; never throws. */
  readonly report: Report;
}

/** One use case: from the context and a request to a result. */
export type Flow<Request, Result> = (ctx: Context, request: Request) => Promise<Result>;

/** A request that needs no session. */
export interface OpenRequest<Input> {
  /** As the caller gave it: the flow parses it. */
  readonly input: Input;
  readonly client: ClientInfo;
}

/** A request of a signed-in user, whom the access token names. */
export interface SignedRequest<Input> extends OpenRequest<Input> {
  readonly token: string;
}

/** A sign-in whose proofs were right so far. */
export interface SignInAttempt {
  readonly user: User;
  /** How the user proved who they are (RFC 8176). `mfa` among them: by more than one factor. */
  readonly amr: readonly string[];
  /** The known device of the sign-in; null: no known device. */
  readonly device: Device | null;
  /** What the proofs so far use up. */
  readonly spends: readonly Spend[];
}

/**
 * A conditional write in the transaction that opens the session, or that parks the sign-in. False: another call took
 * it. Then everything rolls back, and the attempt fails with this code and reason.
 */
export interface Spend {
  readonly code: AuthErrorCode;
  readonly reason: FailureReason;
  take(tx: AuthStore, at: Date): Promise<boolean>;
}

/**
 * A question between the right proofs and the session. The first gate that applies parks the sign-in as a challenge.
 * When the challenge is answered, every gate is asked again. Only the core has gates: a feature adds ways through them.
 */
export interface Gate {
  /** Names the challenge. */
  readonly kind: string;
  /** The methods that pass the gate; null: it does not apply. */
  ask(ctx: Context, attempt: SignInAttempt): Promise<{ readonly methods: readonly string[] } | null>;
  /** Parks the sign-in, in the transaction. Default: as a one-time token that any of the methods answers. */
  park?(ctx: Context, tx: AuthStore, attempt: SignInAttempt): Promise<Ticket>;
}

/** What the client keeps of a parked sign-in. */
export interface Ticket {
  readonly challengeToken: string;
  readonly expiresAt: Date;
}

/** One way to pass the second factor. */
export interface FactorWay {
  /** What the user sees and the client names: `totp`, `recovery-code`. */
  readonly method: string;
  readonly kind: CredentialKind;
  /** A `factor` makes the gate ask. A `backup` passes the gate, but is no reason to ask. */
  readonly role: "factor" | "backup";
  /** Whether the user can use it. `held`: the user's credentials of this kind. */
  isUsable(held: readonly Credential[]): boolean;
}

/** Claims of tokens whose signature was verified, by the SHA-256 of the token. */
interface SignatureCache {
  get(digest: string): AccessClaims | undefined;
  set(digest: string, claims: AccessClaims): void;
}

/** A refresh token that we made: its session, and which rotation of it. */
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
  /** Good for 180 days. A known device keeps its id, and so its budget. */
  issue(emailCanonical: string, at: Date, device: Device | null): string;
  /** Null: not one of ours, of another account, or too old. */
  read(token: unknown, emailCanonical: string, now: Date): Device | null;
}

/** Judges whether a token's session lives, as often as `session.check` says. */
interface SessionCheck {
  /** Throws `session_revoked` or `session_expired`. */
  assertLive(claims: AccessClaims): Promise<void>;
  /** A session that this process ends is refused at once, in the cached mode too. */
  forgetSession(id: SessionId): void;
  forgetUser(id: UserId): void;
}
