import type { Context } from "../context.ts";
import type { Credential } from "../domain/credential.ts";

/**
 * Whether the password is the credential's. Unknown emails and passwordless users cost one hash too: time
 * must not tell who has an account.
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
