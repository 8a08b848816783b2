import type { Context } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";
import { assertInTime, readAccessToken } from "./read-access-token.ts";
import { requireLive } from "./session-check.ts";

export interface Authenticated {
  readonly claims: AccessClaims;
  readonly session: Session;
  readonly user: User;
}

/**
 * The only way from a token to a user. It checks the signature, the claims, the expiry, the session and the user's
 * status. It reads the session each time and ignores `session.check`: its callers show or change private data.
 */
export async function authenticate(ctx: Context, token: string): Promise<Authenticated> {
  const claims = await readAccessToken(ctx, token);
  assertInTime(ctx, claims);
  const found = await ctx.store.sessions.find(claims.sid as SessionId);
  return { claims, ...requireLive(found, claims, ctx.clock.now()) };
}
