import type { Principal, VerifyOptions } from "../auth.ts";
import type { Context } from "../context.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { authenticate } from "../kit/authenticate.ts";

/** Says whose token this is, now. */
export async function verifyToken(ctx: Context, token: string, options?: VerifyOptions): Promise<Principal> {
  const { claims, session } = await authenticate(ctx, token, options);
  return {
    userId: claims.sub as UserId,
    sessionId: claims.sid as SessionId,
    amr: session.amr, // the row's own copy: `claims` is shared with the cache
    authenticatedAt: session.authenticatedAt,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
  };
}
