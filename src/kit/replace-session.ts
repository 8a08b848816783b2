import type { Context } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import { isSessionOf, type OwnedSession, REPLACED, sessionState } from "../domain/session.ts";
import type { AuthStore } from "../ports/auth-store.ts";

/** The session of the refresh token that came with a sign-in. A forged token names none; a used one still does. */
export function sessionBroughtBy(ctx: Context, refreshToken: string | undefined): SessionId | null {
  return ctx.refreshTokens.read(refreshToken)?.sessionId ?? null;
}

/** Finds the session that a sign-in replaces, and its user. Null: there is none, or it has ended. */
export async function findReplaced(ctx: Context, sessionId: SessionId | null): Promise<OwnedSession | null> {
  const found = sessionId && (await ctx.store.sessions.find(sessionId));
  if (!found || !isSessionOf(ctx.settings.audience, found.session)) return null;
  if (sessionState(found.session, ctx.clock.now()) !== "live") return null;
  return { sessionId: found.session.id, userId: found.user.id };
}

/** Ends the replaced session, in the transaction that opens the new one. Undefined: there is none left to end. */
export async function endReplaced(
  ctx: Context,
  tx: AuthStore,
  replaced: OwnedSession | null,
): Promise<OwnedSession | undefined> {
  if (!replaced) return undefined;
  const { sessionId, userId } = replaced;
  const revocation = { userId, audience: ctx.settings.audience, reason: REPLACED, at: ctx.clock.now() };
  return (await tx.sessions.revoke(sessionId, revocation)) ? replaced : undefined;
}
