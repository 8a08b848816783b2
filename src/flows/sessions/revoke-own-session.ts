import type { RevokedSession } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import type { Budget } from "../../domain/budget.ts";
import type { SessionId } from "../../domain/ids.ts";
import type { Session } from "../../domain/session.ts";
import { AuthError } from "../../errors.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { type Client, parseClient } from "../../kit/input.ts";
import { enforceLimitsIfPossible } from "../../kit/limits/budget.ts";
import { recordBounded } from "../../kit/limits/record-bounded.ts";
import { revokeSession } from "../../kit/revoke-session.ts";
import { isUuid } from "../../lib/uuid.ts";

const FOREIGN_IDS: Budget = { name: "foreign-session", session: [{ points: 1, windowMs: 60_000 }] };

/** Ends one session of the token's user. A session of another user or application answers like an unknown session. */
export async function revokeOwnSession(
  ctx: Context,
  { token, input: id, client: clientInfo }: SignedRequest<string>,
): Promise<RevokedSession> {
  const client = parseClient(clientInfo);
  const { user, session } = await authenticate(ctx, token, client);
  await enforceLimitsIfPossible(ctx, ctx.settings.limits.changes, {
    type: "revoke_session",
    named: { userId: user.id, sessionId: session.id },
    client,
    session: session.id,
  });
  // A malformed id answers like an unknown id, and never reaches a query.
  if (typeof id !== "string" || !isUuid(id)) throw new AuthError("not_found");
  const sessionId = id as SessionId;
  const isOwn = await revokeSession(ctx, { sessionId, userId: user.id, type: "revoke_session", client });
  if (!isOwn) return refuseForeign(ctx, session, { client, target: sessionId });
  return { current: sessionId === session.id };
}

interface Refused {
  readonly client: Client;
  /** The id that the caller sent. */
  readonly target: SessionId;
}

// The event is the same for unknown ids: the caller reads it in their own trail. Only the log has the target.
async function refuseForeign(
  ctx: Context,
  { id: sessionId, userId }: Session,
  { client, target }: Refused,
): Promise<never> {
  await recordBounded(ctx, FOREIGN_IDS, {
    type: "revoke_session",
    outcome: "failure",
    reason: "not_found",
    named: { userId, sessionId },
    data: { target },
    client,
    session: sessionId,
  });
  throw new AuthError("not_found");
}
