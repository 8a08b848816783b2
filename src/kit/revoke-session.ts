import type { Context } from "../context.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { commitEvent } from "./attempt.ts";
import type { Client } from "./input.ts";

export interface OwnedSession {
  readonly sessionId: SessionId;
  /** The session must belong to this user. Another user's session does not change. */
  readonly userId: UserId;
}

export interface SessionEnd extends OwnedSession {
  readonly type: "logout" | "revoke_session";
  readonly client: Client;
}

/** Ends one session and records the event. False: the session is another user's, unknown or already ended. */
export async function revokeSession(
  ctx: Context,
  { sessionId, userId, type, client }: SessionEnd,
): Promise<boolean> {
  const ended = { session: sessionId };
  const event = await commitEvent(ctx, { type, client, ended }, async (tx) => {
    if (!(await tx.sessions.revoke(sessionId, { userId, reason: type, at: ctx.clock.now() }))) return null;
    return { userId, sessionId };
  });
  return event !== null;
}
