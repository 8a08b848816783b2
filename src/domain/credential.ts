import type { CredentialId, UserId } from "./ids.ts";
import type { CredentialKind } from "./vocabulary.ts";

export type { CredentialKind } from "./vocabulary.ts";

/** A row of `auth_credentials`: one way in of one user. */
export interface Credential {
  readonly id: CredentialId;
  readonly userId: UserId;
  readonly kind: CredentialKind;
  /**
   * Unique within its kind, compared byte by byte, at most 512 characters. Where a user has one credential of
   * the kind, it is the user's id.
   */
  readonly identifier: string;
  /** The password hash, or JSON. Only the kind's codec reads it. */
  readonly data: string;
  /** Grows with every replacement, for compare-and-swap. */
  readonly version: number;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}
