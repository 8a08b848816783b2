import type { ListedSession } from "../auth.ts";
import type { Context } from "../context.ts";
import { authenticate } from "../kit/authenticate.ts";
import { toSessionInfo } from "../kit/views.ts";

/** The live sessions of the token's user, newest first. */
export async function listSessions(ctx: Context, token: string): Promise<readonly ListedSession[]> {
  const { user, session: current } = await authenticate(ctx, token);
  const sessions = await ctx.store.sessions.listLive(user.id, ctx.clock.now(), ctx.settings.session.max);
  return sessions.map((session) => ({ ...toSessionInfo(session), current: session.id === current.id }));
}
