import type { Email } from "../api/input-fields.ts";
import type { Context } from "../context.ts";
import type { Credential } from "../domain/credential.ts";
import type { CredentialId, UserId } from "../domain/ids.ts";
import type { User } from "../domain/user.ts";
import type { AuthStore } from "../ports/auth-store.ts";

/** Makes a user and their password, not stored yet. */
export function newAccount(ctx: Context, email: Email, { hash, isVerified = false }: NewAccount): Account {
  const now = ctx.clock.now();
  const user: User = {
    id: ctx.newId<UserId>(now),
    email: email.typed,
    emailCanonical: email.canonical,
    emailVerifiedAt: isVerified ? now : null,
    status: "active",
    epoch: 0,
    lastLoginAt: now,
    createdAt: now,
    updatedAt: now,
    deleteAfter: null,
  };
  return { user, credential: passwordCredential(ctx, user, { data: hash, at: now }) };
}

interface NewAccount {
  readonly hash: string;
  readonly isVerified?: boolean;
}

export interface Account {
  readonly user: User;
  readonly credential: Credential;
}

export function passwordCredential(
  ctx: Context,
  { id: userId }: Pick<User, "id">,
  { data, at }: { readonly data: string; readonly at: Date },
): Credential {
  return {
    id: ctx.newId<CredentialId>(at),
    userId,
    kind: "password",
    identifier: userId,
    data,
    version: 0,
    createdAt: at,
    lastUsedAt: null,
  };
}

/**
 * Stores both. False: the email is taken. The unique email decides, not an earlier read: of any number of parallel
 * signups, one creates the user.
 */
export async function storeAccount(tx: AuthStore, { user, credential }: Account): Promise<boolean> {
  if (!(await tx.users.create(user))) return false;
  if (await tx.credentials.add(credential)) return true;
  throw new TypeError("The store already has a password for a new user id");
}
