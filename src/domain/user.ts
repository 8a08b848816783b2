import type { UserId } from "./ids.ts";

export type UserStatus = "active" | "disabled";

/** A row of `auth_users`. */
export interface User {
  readonly id: UserId;
  /** As the user typed it: mail goes to this address. */
  readonly email: string;
  /** ASCII and lower case: the one key for lookup, limits and audit. */
  readonly emailCanonical: string;
  readonly emailVerifiedAt: Date | null;
  readonly status: UserStatus;
  /** Counts security changes: a login that began under an older epoch cannot finish. */
  readonly epoch: number;
  readonly lastLoginAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
