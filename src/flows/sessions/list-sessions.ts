import type { ListedSession } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { isSessionOf } from "../../domain/session.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { toSessionInfo } from "../../kit/views.ts";

// The highest possible `session.max`. An application may lower its `session.max`; that must not hide live sessions.
const MAX_LISTED = 10_000;

/** Returns the live sessions of the token's user at this application, newest first. */
export async function listSessions(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<readonly ListedSession[]> {
  const client = parseClient(request.client);
  const { user, session: current } = await authenticate(ctx, request.token, client);
  const sessions = await ctx.store.sessions.listLive(user.id, ctx.clock.now(), MAX_LISTED);
  const own = sessions.filter((session) => isSessionOf(ctx.settings.audience, session));
  return own.map((session) => ({ ...toSessionInfo(session), current: session.id === current.id }));
}
