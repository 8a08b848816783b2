import type { Context, SignedRequest } from "../../context.ts";
import type { SessionId, UserId } from "../../domain/ids.ts";
import { refundIfFaulty } from "../../kit/attempt.ts";
import { parseClient } from "../../kit/input.ts";
import { enforceLimitsIfPossible } from "../../kit/limits/budget.ts";
import { readAccessToken } from "../../kit/read-access-token.ts";
import { revokeSession } from "../../kit/revoke-session.ts";

/** Ends the session of a token, also of an expired token. An already ended session is a success. */
export async function logout(ctx: Context, request: Omit<SignedRequest<never>, "input">): Promise<void> {
  const client = parseClient(request.client);
  const { sessionId, userId } = await sessionOf(ctx, request.token);
  // Counted apart from all other calls: only a logout uses it up, and the first one ends the session.
  const budget = { ...ctx.settings.limits.changes, name: "logout" };
  const refund = await enforceLimitsIfPossible(ctx, budget, {
    type: "logout",
    named: { sessionId },
    client,
    session: sessionId,
  });
  await refundIfFaulty(refund, revokeSession(ctx, { sessionId, userId, type: "logout", client }));
}

interface TokenSession {
  readonly sessionId: SessionId;
  /** Null: a refresh token does not name its user. */
  readonly userId: UserId | null;
}

async function sessionOf(ctx: Context, token: string): Promise<TokenSession> {
  const refresh = ctx.refreshTokens.read(token);
  if (refresh) return { sessionId: refresh.sessionId, userId: null };
  const { sid, sub } = await readAccessToken(ctx, token);
  return { sessionId: sid as SessionId, userId: sub as UserId };
}
