import type { KeyObject } from "node:crypto";
import type { ClientInfo, HashLoad, Operator } from "./api/auth.ts";
import type { Settings } from "./config/parse-options.ts";
import type { AuthEvent } from "./domain/auth-event.ts";
import type { Credential } from "./domain/credential.ts";
import type { Device, PresentedDevice } from "./domain/device.ts";
import type { KnownWords } from "./domain/guessing/is-easily-guessed.ts";
import type { NewId, SessionId, UserId } from "./domain/ids.ts";
import type { User } from "./domain/user.ts";
import type { CredentialKind, FailureReason, KeyPurpose } from "./domain/vocabulary.ts";
import type { AuthErrorCode } from "./errors.ts";
import type { MailService } from "./mail-service.ts";
import type { AuthStore, SessionRecord } from "./ports/auth-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { PasswordHasher } from "./ports/password-hasher.ts";
import type { FullTable, OrderlyLimiter } from "./ports/rate-limiter.ts";
import type { TokenSigner } from "./ports/token-signer.ts";
import type { Report, Warn } from "./report.ts";
import type { AccessClaims } from "./tokens/access-claims.ts";

/** The argument of every flow: the settings and the ports. `createAuth` makes it. */
export interface Context {
  readonly settings: Pick<
    Settings,
    | "issuer"
    | "audience"
    | "limits"
    | "session"
    | "password"
    | "retention"
    | "signup"
    | "hooks"
    | "email"
    | "onEvent"
  >;
  /** It fails with an `AuthError` only. */
  readonly store: AuthStore;
  /** It fails with an `AuthError` only. */
  readonly limiter: OrderlyLimiter & { fullTables(): readonly FullTable[] };
  /** Runs a bounded number of hashes. Beyond its queue it throws `overloaded`. */
  readonly hasher: PasswordHasher & { load(): HashLoad };
  readonly signer: TokenSigner;
  readonly signatures: SignatureCache;
  readonly refreshTokens: RefreshTokens;
  readonly deviceTokens: DeviceTokens;
  readonly sessionCheck: SessionCheck;
  /** Null: the application has no mailer, and nothing is sent. */
  readonly mail: MailService | null;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The keys of a purpose. The first key makes values; every key recognises them. */
  readonly keys: (purpose: KeyPurpose) => readonly KeyObject[];
  readonly commonWords: () => Promise<KnownWords>;
  /** In the order in which a sign-in asks them. */
  readonly gates: readonly Gate[];
  /** The ways through the second factor of all features. */
  readonly ways: readonly FactorWay[];
  /** Reports a fault to the operator. It never throws. */
  readonly report: Report;
  /** Warns the operator, once for each code. It never throws. */
  readonly warn: Warn;
}

/** One use case. It takes the context and a request, and returns a result. */
export type Flow<Request, Result> = (ctx: Context, request: Request) => Promise<Result>;

/** A request that needs no session. */
export interface OpenRequest<Input> {
  /** The unchecked input of the caller. The flow parses it. */
  readonly input: Input;
  readonly client: ClientInfo;
}

/** A request of an operator, on any user. */
export interface OperatorRequest<Input> extends OpenRequest<Input> {
  readonly client: Operator;
}

/** A request of a signed-in user. The access token names the user. */
export interface SignedRequest<Input> extends OpenRequest<Input> {
  readonly token: string;
}

/** A sign-in whose proofs were right so far. */
export interface SignInAttempt {
  readonly user: User;
  /** The methods by which the user proved their identity (RFC 8176). `mfa` means more than one factor. */
  readonly amr: readonly string[];
  /** The known device of the sign-in. Null: the device is unknown. */
  readonly device: Device | null;
  /** The session that came with the sign-in. It ends when the new session opens (ASVS 5.0, 7.2.4). */
  readonly replaces: SessionId | null;
  /** The writes that use up the proofs so far. */
  readonly spends: readonly Spend[];
}

/**
 * A conditional write that uses up a proof. It runs in the transaction that opens the session or parks the sign-in.
 * False: another call used up the proof first. Then the transaction rolls back, and the attempt fails with this code
 * and reason.
 */
export interface Spend {
  readonly code: AuthErrorCode;
  readonly reason: FailureReason;
  take(tx: AuthStore, at: Date): Promise<boolean>;
}

/**
 * A condition between the right proofs and the session. The first gate that applies parks the sign-in as a challenge.
 * After the answer to the challenge, the sign-in asks every gate again. Only the core has gates; a feature adds ways
 * through them.
 */
export interface Gate {
  /** The name of the challenge. */
  readonly kind: string;
  /** Returns the methods that pass the gate. Null: the gate does not apply. */
  ask(ctx: Context, attempt: SignInAttempt & Asking): Promise<Asked | null>;
}

/** The client that signs in, for a mail about it. */
export interface Asking {
  readonly client: Pick<AuthEvent, "ip" | "userAgent" | "requestId"> & {
    readonly locale?: string | null | undefined;
  };
}

/** What a gate requires. */
export interface Asked {
  readonly methods: readonly string[];
  /** Parks the sign-in within the transaction. Default: as a one-time token that each of the methods may answer. */
  readonly park?: ((tx: AuthStore) => Promise<Ticket>) | undefined;
  /** A mail that parking stores. Its points are refunded if the sign-in is not parked. */
  readonly counted?: { refund(): Promise<void> } | undefined;
}

/** The part of a parked sign-in that the client keeps. */
export interface Ticket {
  readonly challengeToken: string;
  readonly expiresAt: Date;
}

/** One way to pass the second factor. */
export interface FactorWay {
  /** The name that the user sees and the client sends: `totp`, `recovery-code`. */
  readonly method: string;
  readonly kind: CredentialKind;
  /** The gate applies to a user with a usable `factor`. A `backup` only passes the gate. */
  readonly role: "factor" | "backup";
  /** Whether the user can use this way. `held`: the user's credentials of this kind. */
  isUsable(held: readonly Credential[]): boolean;
}

/** Keeps the claims of tokens with a verified signature, by the SHA-256 of the token. */
interface SignatureCache {
  get(digest: string): AccessClaims | undefined;
  set(digest: string, claims: AccessClaims): void;
}

/** A refresh token that this library made: its session, and the number of its rotation. */
export interface PresentedRefresh {
  readonly sessionId: SessionId;
  readonly counter: number;
}

/** Makes and reads refresh tokens. No part of them is stored. Each token has one spelling for each secret. */
interface RefreshTokens {
  issue(presented: PresentedRefresh): string;
  /** Null: the token is forged. A genuine token may still belong to an ended session. */
  read(token: unknown): PresentedRefresh | null;
}

/** Makes and reads tokens of devices on which an account's password was right. They grant a budget of guesses only. */
interface DeviceTokens {
  /** Makes a token for 180 days. A known device keeps its id, and so its budget. */
  issue(grant: DeviceGrant): string;
  /**
   * Null: the token is forged or expired, or it is of another account or application. A genuine token may still be of
   * an earlier user of the email, or from before a security change: `knownDevice` tells.
   */
  read(token: unknown, emailCanonical: string, now: Date): PresentedDevice | null;
}

export interface DeviceGrant {
  readonly user: Pick<User, "id" | "emailCanonical" | "epoch">;
  /** Null: a new device. */
  readonly device: Device | null;
  readonly at: Date;
}

/** Checks whether a token's session lives, as often as `session.check` says. */
interface SessionCheck {
  /**
   * Throws `session_revoked` or `session_expired`. Returns the record that it read for this call alone. Null: it read
   * none, or it shared one with other calls.
   */
  assertLive(claims: AccessClaims): Promise<SessionRecord | null>;
  /** Drops a session that this process ended from the cache, so that the next check refuses it. */
  forgetSession(id: SessionId): void;
  forgetUser(id: UserId): void;
}
