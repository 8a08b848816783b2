import type { Context } from "../context.ts";
import type { UserId } from "../domain/ids.ts";
import { AuthError } from "../errors.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { passwordCredential } from "./new-account.ts";

const MAX_ATTEMPTS = 3;

interface SetPassword {
  readonly userId: UserId;
  readonly data: string;
  readonly at: Date;
}

/**
 * Replaces the password of a user, or adds their first one. The caller holds the lock of the user's row. Only the rehash
 * of a login can still change the row of the password; it keeps the password.
 */
export async function setPassword(ctx: Context, tx: AuthStore, change: SetPassword): Promise<void> {
  const { userId, data, at } = change;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const [current] = await tx.credentials.list(userId, "password");
    if (!current) return addPassword(ctx, tx, change);
    const { id, version: expectedVersion } = current;
    if (await tx.credentials.replace({ userId, id, expectedVersion, data, at })) return;
  }
  throw new AuthError("unavailable", { cause: "Each time, another login renewed the hash first." });
}

async function addPassword(ctx: Context, tx: AuthStore, { userId, data, at }: SetPassword): Promise<void> {
  if (await tx.credentials.add(passwordCredential(ctx, { id: userId }, { data, at }))) return;
  throw new TypeError("The store has a password that it did not list, although the user's row was locked");
}
