import type { UserId } from "./ids.ts";

/** Only an `active` user signs in. `deleting`: the account waits for its deletion. */
export type UserStatus = "active" | "disabled" | "deleting";

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
  /** When the account is due to be deleted. It counts only while the status is `deleting`. */
  readonly deleteAfter: Date | null;
}
