import type { Principal, VerifyOptions } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { assertInTime, readAccessToken } from "../../kit/read-access-token.ts";
import { assertUser, principalOf } from "../../tokens/principal.ts";

/** Returns the identity that a token proves now. */
export async function verifyToken(
  ctx: Context,
  { token, input: options }: Omit<SignedRequest<VerifyOptions | undefined>, "client">,
): Promise<Principal> {
  const claims = await readAccessToken(ctx, token);
  assertInTime(ctx, claims);
  await ctx.sessionCheck.assertLive(claims);
  assertUser(claims, options);
  return principalOf(claims);
}
