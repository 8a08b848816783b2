import type { ClientInfo } from "../auth.ts";
import type { Context } from "../context.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { readAccessToken } from "../kit/authenticate.ts";
import { parseClient } from "../kit/input.ts";
import { announceEvent, newEvent } from "../kit/record-event.ts";

/** Ends the session of a token, expired or not. A session that had ended stays ended: success. */
export async function logout(
  ctx: Context,
  token: string,
  clientInfo: ClientInfo = { ip: null },
): Promise<void> {
  const client = parseClient(clientInfo);
  const claims = await readAccessToken(ctx, token);
  const sessionId = claims.sid as SessionId;
  const userId = claims.sub as UserId;
  const event = await ctx.store.transaction(async (tx): Promise<AuthEvent | null> => {
    const revocation = { userId, reason: "logout", at: ctx.clock.now() };
    if (!(await tx.sessions.revoke(sessionId, revocation))) return null;
    const ended = newEvent(ctx, { type: "logout", outcome: "success", userId, sessionId }, client);
    await tx.events.append([ended]);
    return ended;
  });
  if (event) announceEvent(ctx, event);
}
