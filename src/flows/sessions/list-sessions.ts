import type { ListedSession } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { toSessionInfo } from "../../kit/views.ts";

// The highest possible `session.max`. An application may lower its `session.max`; that must not hide live sessions.
const MAX_LISTED = 10_000;

/** Returns the live sessions of the token's user, newest first. */
export async function listSessions(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<readonly ListedSession[]> {
  const client = parseClient(request.client);
  const { user, session: current } = await authenticate(ctx, request.token, client);
  const sessions = await ctx.store.sessions.listLive(user.id, ctx.clock.now(), MAX_LISTED);
  return sessions.map((session) => ({ ...toSessionInfo(session), current: session.id === current.id }));
}
