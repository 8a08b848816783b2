import type { UserId } from "./ids.ts";
import type { TokenPurpose } from "./vocabulary.ts";

export type { TokenPurpose } from "./vocabulary.ts";

/** A row of `auth_one_time_tokens`. Only the receiver has the secret itself. */
export interface OneTimeToken {
  /** SHA-256 of the secret, base64url. */
  readonly hash: string;
  readonly purpose: TokenPurpose;
  readonly userId: UserId;
  /** The user's epoch when the token was made: a later security change voids the token. */
  readonly epoch: number;
  readonly attempts: number;
  /** JSON. */
  readonly data: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}
