import * as z from "zod";
import type { EventsPage, EventsPageInput } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import type { EventId } from "../../domain/ids.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseInput } from "../../kit/input.ts";
import { toListedEvent } from "../../kit/views.ts";
import { isUuid } from "../../lib/uuid.ts";

const pageSchema = z.strictObject({
  limit: z.int("Use a whole number.").min(1, "Use at least 1.").max(100, "Use at most 100.").default(20),
  // A cursor is the id of the last event seen; nothing else reaches the query.
  cursor: z
    .string("Use nextCursor of the page before.")
    .refine(isUuid, { params: { code: "invalid_cursor" }, message: "Use nextCursor of the page before." })
    .transform((id) => id as EventId)
    .optional(),
});

/** A page of the audit trail of the token's user, newest first. */
export async function listEvents(
  ctx: Context,
  { token, input }: Omit<SignedRequest<EventsPageInput>, "client">,
): Promise<EventsPage> {
  const { limit, cursor } = parseInput(pageSchema, input);
  const { user } = await authenticate(ctx, token);
  // One more than asked for tells whether there is a next page.
  const found = await ctx.store.events.list({ userId: user.id, before: cursor, limit: limit + 1 });
  const events = found.slice(0, limit);
  const nextCursor = found.length > limit ? (events.at(-1)?.id ?? null) : null;
  return { events: events.map(toListedEvent), nextCursor };
}
