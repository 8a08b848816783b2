import type { Context, SignedRequest } from "../../context.ts";
import type { SessionId, UserId } from "../../domain/ids.ts";
import { parseClient } from "../../kit/input.ts";
import { readAccessToken } from "../../kit/read-access-token.ts";
import { type OwnedSession, revokeSession } from "../../kit/revoke-session.ts";

/** Ends the session of a token, also of an expired token. An already ended session is a success. */
export async function logout(ctx: Context, request: Omit<SignedRequest<never>, "input">): Promise<void> {
  const client = parseClient(request.client);
  const owned = await sessionOf(ctx, request.token);
  if (owned) await revokeSession(ctx, { ...owned, type: "logout", client });
}

/** Returns the session of a genuine token. Null: the session was deleted, for example with its user. */
async function sessionOf(ctx: Context, token: string): Promise<OwnedSession | null> {
  const refresh = ctx.refreshTokens.read(token);
  if (refresh) {
    const found = await ctx.store.sessions.find(refresh.sessionId);
    return found && { sessionId: refresh.sessionId, userId: found.user.id };
  }
  const { sid, sub } = await readAccessToken(ctx, token);
  return { sessionId: sid as SessionId, userId: sub as UserId };
}
