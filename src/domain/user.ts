import type { UserId } from "./ids.ts";

export type UserStatus = "active" | "disabled";

/** A row of `auth_users`. */
export interface User {
  readonly id: UserId;
  /** As its owner typed it: the address that mail goes to. */
  readonly email: string;
  /** ASCII and lower case: the one key for lookup, limits and audit. */
  readonly emailCanonical: string;
  readonly emailVerifiedAt: Date | null;
  readonly status: UserStatus;
  /** Counts security changes: what was begun under an older epoch cannot finish. */
  readonly epoch: number;
  readonly lastLoginAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
