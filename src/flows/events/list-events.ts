import type { EventsPage, EventsPageInput } from "../../api/auth.ts";
import { eventsPageInput } from "../../api/input-schemas.ts";
import type { Context, SignedRequest } from "../../context.ts";
import type { User } from "../../domain/user.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseCallOptions, parseClient } from "../../kit/input.ts";
import { pseudonymsOf } from "../../kit/record-event.ts";
import { toListedEvent } from "../../kit/views.ts";
import type { AttemptsQuery } from "../../ports/auth-store.ts";

/** The most events that a page with a filter searches. If they match too few times, the page is short. */
const MAX_SEARCHED = 10_000;

/** Returns a page of the audit trail of the token's user, newest first. */
export async function listEvents(ctx: Context, request: SignedRequest<EventsPageInput>): Promise<EventsPage> {
  const {
    limit,
    cursor: before,
    type: types,
    outcome: outcomes,
  } = parseCallOptions(eventsPageInput, request.input);
  const { user } = await authenticate(ctx, request.token, parseClient(request.client));
  const { events } = ctx.store;
  const trail = { userId: user.id, attempts: attemptsAt(ctx, user), before };
  const oldest = types || outcomes ? await events.nth(trail, MAX_SEARCHED) : null;
  // The query reads one more event than the page holds, to see whether there is a next page.
  const query = { ...trail, types, outcomes, oldest: oldest ?? undefined, limit: limit + 1 };
  const found = await events.list(query);
  const page = found.slice(0, limit);
  const nextCursor = found.length > limit ? (page.at(-1)?.id ?? null) : oldest;
  return { events: page.map(toListedEvent), nextCursor };
}

/**
 * Such attempts name an email and no user. An attempt before the user had the email was aimed at another owner of it.
 * Two moments show that the user has it: the signup, and the last proof of the email.
 */
function attemptsAt(ctx: Context, { emailCanonical, emailVerifiedAt, createdAt }: User): AttemptsQuery {
  const since = emailVerifiedAt && emailVerifiedAt > createdAt ? emailVerifiedAt : createdAt;
  return { pseudonyms: pseudonymsOf(ctx, emailCanonical), since };
}
