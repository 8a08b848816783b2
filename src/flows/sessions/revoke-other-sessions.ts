import type { ClientInfo, RevokedSessions } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { announceEvent, newEvent } from "../../kit/record-event.ts";

const TYPE = "revoke_other_sessions";

/** Ends every session of the token's user but its own. When there is none, nothing is recorded. */
export async function revokeOtherSessions(
  ctx: Context,
  token: string,
  clientInfo: ClientInfo = { ip: null },
): Promise<RevokedSessions> {
  const client = parseClient(clientInfo);
  const { user, session } = await authenticate(ctx, token);
  const { revoked, event } = await ctx.store.transaction(async (tx) => {
    const revocation = { userId: user.id, reason: TYPE, at: ctx.clock.now() };
    const count = await tx.sessions.revokeAll(session.id, revocation);
    if (count === 0) return { revoked: 0, event: null };
    const named = { userId: user.id, sessionId: session.id };
    const data = { endedSessions: count };
    const ended = newEvent(ctx, { type: TYPE, outcome: "success", ...named, data }, client);
    await tx.events.append([ended]);
    return { revoked: count, event: ended };
  });
  ctx.sessionCheck.forgetUser(user.id);
  if (event) announceEvent(ctx, event);
  return { revoked };
}
