import type { Principal, VerifyOptions } from "../auth.ts";
import type { Context } from "../context.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { assertInTime, assertUser, readAccessToken } from "../kit/read-access-token.ts";

const NO_CLAIMS: object = Object.freeze({});

/** Says whose token this is, now. */
export async function verifyToken(
  ctx: Context,
  token: string,
  options: VerifyOptions = {},
): Promise<Principal> {
  const claims = await readAccessToken(ctx, token);
  assertInTime(ctx, claims);
  await ctx.sessionCheck.assertLive(claims);
  assertUser(claims, options);
  return {
    userId: claims.sub as UserId,
    sessionId: claims.sid as SessionId,
    amr: claims.amr,
    // The token's own word, not the session's: a reauthentication must not lift copies of older tokens.
    authenticatedAt: new Date(claims.auth_time * 1000),
    claims: claims.claims ?? NO_CLAIMS,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
  };
}
