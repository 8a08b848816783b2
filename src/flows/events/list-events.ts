import type { EventsPage, EventsPageInput } from "../../api/auth.ts";
import { eventsPageInput } from "../../api/input-schemas.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseInput } from "../../kit/input.ts";
import { toListedEvent } from "../../kit/views.ts";

/** Returns a page of the audit trail of the token's user, newest first. */
export async function listEvents(
  ctx: Context,
  { token, input }: Omit<SignedRequest<EventsPageInput>, "client">,
): Promise<EventsPage> {
  const { limit, cursor } = parseInput(eventsPageInput, input);
  const { user } = await authenticate(ctx, token);
  // The query reads one more event than the page holds, to see whether there is a next page.
  const found = await ctx.store.events.list({ userId: user.id, before: cursor, limit: limit + 1 });
  const events = found.slice(0, limit);
  const nextCursor = found.length > limit ? (events.at(-1)?.id ?? null) : null;
  return { events: events.map(toListedEvent), nextCursor };
}
