import type { RevokedSession } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import type { SessionId } from "../../domain/ids.ts";
import { AuthError } from "../../errors.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { revokeSession } from "../../kit/revoke-session.ts";
import { isUuid } from "../../lib/uuid.ts";

/** Ends one session of the token's user. Another user's session answers like an unknown session. */
export async function revokeOwnSession(
  ctx: Context,
  { token, input: id, client: clientInfo }: SignedRequest<string>,
): Promise<RevokedSession> {
  const client = parseClient(clientInfo);
  const { user, session } = await authenticate(ctx, token);
  // A malformed id answers like an unknown id, and never reaches a query.
  if (typeof id !== "string" || !isUuid(id)) throw new AuthError("not_found");
  const sessionId = id as SessionId;
  if (!(await revokeSession(ctx, { sessionId, userId: user.id, type: "revoke_session", client }))) {
    const found = await ctx.store.sessions.find(sessionId);
    if (found?.user.id !== user.id) throw new AuthError("not_found");
  }
  return { current: sessionId === session.id };
}
