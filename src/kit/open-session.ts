import type { Context } from "../context.ts";
import { addMs } from "../domain/duration.ts";
import type { SessionId } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Outcome } from "./attempt.ts";
import type { Client } from "./input.ts";

export interface Opening {
  readonly user: User;
  readonly amr: readonly string[];
  readonly client: Client;
}

/** Makes a session that starts now. It is not stored yet. */
export function newSession(ctx: Context, { user, amr, client }: Opening): Session {
  const now = ctx.clock.now();
  const { refreshTtl, idleTtl } = ctx.settings.session;
  return {
    id: ctx.newId<SessionId>(now),
    userId: user.id,
    amr,
    authenticatedAt: now,
    refreshCounter: 0,
    refreshedAt: null,
    idleExpiresAt: addMs(now, idleTtl),
    expiresAt: addMs(now, refreshTtl),
    revokedAt: null,
    revokeReason: null,
    ip: client.ip,
    userAgent: client.userAgent,
    createdAt: now,
    audience: ctx.settings.audience,
  };
}

/**
 * Stores a new session, after it has ended the user's oldest sessions at this application beyond `session.max`. Every
 * sign-in calls it in its transaction. The caller holds the lock of the user's row.
 */
export async function openSession(
  ctx: Context,
  tx: AuthStore,
  { user, session }: { readonly user: User; readonly session: Session },
): Promise<Outcome> {
  // The old sessions end first: by the clock of another process, the new session might be the oldest.
  const { audience } = ctx.settings;
  const { max } = ctx.settings.session;
  const revocation = { userId: user.id, audience, reason: "session_limit", at: session.createdAt };
  const ended = await tx.sessions.revokeOldest(max - 1, revocation);
  await tx.sessions.create(session);
  const named = { userId: user.id, attemptedEmail: user.emailCanonical, sessionId: session.id };
  return ended > 0 ? { ...named, data: { endedSessions: ended }, ended: { user: user.id } } : named;
}
