import type { Context } from "../context.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import type { Client } from "./input.ts";
import { announceEvent, newEvent } from "./record-event.ts";

export interface OwnedSession {
  readonly sessionId: SessionId;
  /** Whose it must be: another user's is not touched. */
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
  const event = await ctx.store.transaction(async (tx): Promise<AuthEvent | null> => {
    if (!(await tx.sessions.revoke(sessionId, { userId, reason: type, at: ctx.clock.now() }))) return null;
    const ended = newEvent(ctx, { type, outcome: "success", userId, sessionId }, client);
    await tx.events.append([ended]);
    return ended;
  });
  ctx.sessionCheck.forgetSession(sessionId);
  if (event) announceEvent(ctx, event);
  return event !== null;
}
