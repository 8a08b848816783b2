import type { RevokedSessions } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { commitEvent, type Outcome } from "../../kit/attempt.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";

const TYPE = "revoke_other_sessions";

/** Ends every session of the token's user except the token's own. Without other sessions it records no event. */
export async function revokeOtherSessions(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<RevokedSessions> {
  const client = parseClient(request.client);
  const { user, session } = await authenticate(ctx, request.token, client);
  let revoked = 0;
  const ended = { user: user.id };
  await commitEvent(ctx, { type: TYPE, client, ended }, async (tx): Promise<Outcome | null> => {
    revoked = await tx.sessions.revokeAll(session.id, {
      userId: user.id,
      reason: TYPE,
      at: ctx.clock.now(),
    });
    if (revoked === 0) return null;
    const named = { userId: user.id, sessionId: session.id };
    return { ...named, data: { endedSessions: revoked } };
  });
  return { revoked };
}
