import type { Context } from "../context.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { commitEvent } from "./attempt.ts";
import type { Client } from "./input.ts";

export interface OwnedSession {
  readonly sessionId: SessionId;
  /** The owner that it must have: another user's session is not touched. */
  readonly userId: UserId;
}

export interface SessionEnd extends OwnedSession {
  readonly type: "logout" | "revoke_session";
  readonly client: Client;
}

/** Ends one session with its event. False: foreign, unknown, or ended before. */
export async function revokeSession(
  ctx: Context,
  { sessionId, userId, type, client }: SessionEnd,
): Promise<boolean> {
  const event = await commitEvent(ctx, { type, client }, async (tx) => {
    if (!(await tx.sessions.revoke(sessionId, { userId, reason: type, at: ctx.clock.now() }))) return null;
    return { userId, sessionId, ended: { session: sessionId } };
  });
  ctx.sessionCheck.forgetSession(sessionId); // also if another process had ended it
  return event !== null;
}
