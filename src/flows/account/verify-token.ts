import type { OnRead, Principal, VerifyOptions } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { assertInTime, readAccessToken } from "../../kit/read-access-token.ts";
import { toCurrentUser } from "../../kit/views.ts";
import { assertUser, principalOf } from "../../tokens/principal.ts";

interface VerifyRequest extends Omit<SignedRequest<VerifyOptions | undefined>, "client"> {
  readonly onRead?: OnRead | undefined;
}

/** Returns the identity that a token proves now. */
export async function verifyToken(
  ctx: Context,
  { token, input: options, onRead }: VerifyRequest,
): Promise<Principal> {
  const claims = await readAccessToken(ctx, token);
  assertInTime(ctx, claims);
  const read = await ctx.sessionCheck.assertLive(claims);
  assertUser(claims, options);
  if (read && onRead) onRead(toCurrentUser(read));
  return principalOf(claims);
}
