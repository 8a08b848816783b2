import type { RevokedSessions } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { enforceLimitsIfPossible } from "../../kit/limits/budget.ts";
import { revokeOthers } from "../../kit/revoke-session.ts";

/**
 * Ends every session of the token's user at this application, except the token's own. Without other sessions it records
 * no event.
 */
export async function revokeOtherSessions(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<RevokedSessions> {
  const client = parseClient(request.client);
  const { user, session } = await authenticate(ctx, request.token, client);
  const named = { userId: user.id, sessionId: session.id };
  await enforceLimitsIfPossible(ctx, ctx.settings.limits.changes, {
    type: "revoke_other_sessions",
    named,
    client,
    session: session.id,
  });
  return { revoked: await revokeOthers(ctx, { ...named, client }) };
}
