import type { CredentialKind } from "../domain/credential.ts";
import type { User } from "../domain/user.ts";
import type { AuthStore } from "../ports/auth-store.ts";

/** With these a user signs in. A second factor only bars, so it stays: mail alone gets round no second factor. */
const WAYS_IN: readonly CredentialKind[] = ["password", "passkey", "oauth"];

/**
 * Whether the address of the account was never proven. A stranger may have made the account then, with a way in of their
 * own. This is the one place that decides by `emailVerifiedAt`.
 */
export function isUnproven({ emailVerifiedAt }: Pick<User, "emailVerifiedAt">): boolean {
  return emailVerifiedAt === null;
}

/**
 * Takes an account back for the owner of its mailbox: every way in that it had is removed. The caller holds the lock of
 * the user's row, and ends the sessions, tokens and proofs.
 */
export async function removeWaysIn(tx: AuthStore, { id }: User): Promise<void> {
  for (const credential of await tx.credentials.list(id)) {
    if (WAYS_IN.includes(credential.kind)) await tx.credentials.remove(id, credential.id);
  }
}
