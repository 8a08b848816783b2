import type { UserId } from "../domain/ids.ts";
import type { OneTimeToken, TokenPurpose } from "../domain/one-time-token.ts";

export interface TokenStore {
  issue(token: OneTimeToken): Promise<void>;
  /** Reads without consuming: a wrong code must not use up its challenge. Null: expired or unknown. */
  find(purpose: TokenPurpose, hash: string, now: Date): Promise<OneTimeToken | null>;
  /** Takes the token: only one caller ever gets it. Null: expired, unknown or taken. */
  consume(purpose: TokenPurpose, hash: string, now: Date): Promise<OneTimeToken | null>;
  /** Counts one attempt if fewer than `max` were counted. False: the token is used up, expired or unknown. */
  countAttempt(purpose: TokenPurpose, hash: string, limit: AttemptLimit): Promise<boolean>;
  revokeAll(userId: UserId, purpose?: TokenPurpose): Promise<number>;
}

export interface AttemptLimit {
  readonly max: number;
  readonly now: Date;
}
