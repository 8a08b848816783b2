import type { KeyObject } from "node:crypto";
import type { Settings } from "./config.ts";
import type { NewId } from "./domain/ids.ts";
import type { LoginGate } from "./feature.ts";
import type { AuthStore } from "./ports/auth-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { PasswordHasher } from "./ports/password-hasher.ts";
import type { RateLimiter } from "./ports/rate-limiter.ts";
import type { AccessClaims, TokenSigner } from "./ports/token-signer.ts";
import type { Report } from "./report.ts";

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
  readonly hasher: PasswordHasher;
  readonly signer: TokenSigner;
  readonly signatures: SignatureCache;
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
