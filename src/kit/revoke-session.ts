import type { Context } from "../context.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { isSessionOf } from "../domain/session.ts";
import type { SessionRecord } from "../ports/auth-store.ts";
import { commitEvent, type Outcome } from "./attempt.ts";
import type { Client } from "./input.ts";

export interface SessionEnd {
  readonly type: "logout" | "revoke_session";
  readonly sessionId: SessionId;
  /** Another user's session does not change. Null: the caller holds the session's own token. */
  readonly userId: UserId | null;
  readonly client: Client;
}

/**
 * Ends one session and records the event. A session that had ended before costs one read, and no transaction. False:
 * the session is unknown, or another user's or application's.
 */
export async function revokeSession(ctx: Context, end: SessionEnd): Promise<boolean> {
  const { sessionId, type, client } = end;
  const { audience } = ctx.settings;
  const found = await ctx.store.sessions.find(sessionId);
  const userId = ownerOf(found, audience, end);
  if (userId === null || found?.session.revokedAt) {
    // Another process may have ended it: cached checks read it again.
    ctx.sessionCheck.forgetSession(sessionId);
    return userId !== null;
  }
  await commitEvent(ctx, { type, client, ended: { session: sessionId } }, async (tx) => {
    const revocation = { userId, audience, reason: type, at: ctx.clock.now() };
    if (!(await tx.sessions.revoke(sessionId, revocation))) return null;
    return { userId, sessionId };
  });
  return true;
}

function ownerOf(found: SessionRecord | null, audience: string, { userId }: SessionEnd): UserId | null {
  const owner = found && isSessionOf(audience, found.session) ? found.user.id : null;
  return userId === null || userId === owner ? owner : null;
}

export interface OtherSessions {
  readonly userId: UserId;
  /** The session that stays. */
  readonly sessionId: SessionId;
  readonly client: Client;
}

const OTHERS = "revoke_other_sessions";

/** Ends every other session of a user at this application. Without a live one it opens no transaction and records no event. */
export async function revokeOthers(
  ctx: Context,
  { userId, sessionId, client }: OtherSessions,
): Promise<number> {
  const now = ctx.clock.now();
  const live = await ctx.store.sessions.listLive(userId, now, 2);
  if (live.every(({ id }) => id === sessionId)) {
    ctx.sessionCheck.forgetUser(userId);
    return 0;
  }
  let revoked = 0;
  await commitEvent(
    ctx,
    { type: OTHERS, client, ended: { user: userId } },
    async (tx): Promise<Outcome | null> => {
      const { audience } = ctx.settings;
      const revocation = { userId, audience, reason: OTHERS, at: ctx.clock.now() };
      revoked = await tx.sessions.revokeAll(sessionId, revocation);
      return revoked === 0 ? null : { userId, sessionId, data: { endedSessions: revoked } };
    },
  );
  return revoked;
}
