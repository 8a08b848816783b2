import type { Context } from "../context.ts";
import type { Credential } from "../domain/credential.ts";

/**
 * Whether the password matches the credential. Without a credential it computes one hash too: the time must not show
 * whether an email has an account.
 */
export async function verifyPassword(
  ctx: Context,
  credential: Credential | null,
  password: string,
): Promise<boolean> {
  if (credential) return ctx.hasher.verify(credential.data, password);
  await ctx.hasher.hash(password);
  return false;
}
