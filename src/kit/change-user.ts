import type { Context } from "../context.ts";
import type { AuthEvent, AuthEventType } from "../domain/auth-event.ts";
import type { UserId } from "../domain/ids.ts";
import type { User, UserStatus } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import { isUuid } from "../lib/uuid.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Client } from "./input.ts";
import { announceEvent, type EventDraft, newEvent } from "./record-event.ts";

/** Of a user who is busy, too: an account that must be disabled now must not have to wait for a quiet moment. */
const MAX_ATTEMPTS = 20;

/** Whom an event names. */
type Named = Pick<EventDraft, "userId" | "attemptedEmail" | "sessionId">;

export interface SecurityChange {
  /** Names the event, and says why the sessions ended. */
  readonly type: AuthEventType;
  readonly client: Client;
  /** A user who has it already stays as they are: nothing happens, and nothing is recorded. */
  readonly status?: UserStatus | undefined;
  /** What else belongs to the change; says whom its event names. By default that is the user. */
  readonly finish?: ((tx: AuthStore, user: User) => Promise<Named>) | undefined;
}

/**
 * The steps of every security change, in one transaction: the user's lock, their sessions and one-time
 * tokens, the success event. Throws `not_found` for whom nobody is, `unavailable` when others keep winning.
 */
export async function changeUser(ctx: Context, userId: string, change: SecurityChange): Promise<void> {
  const id = parseUserId(userId);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    // Read outside of the transaction: inside, a database may go on showing the epoch that lost.
    const user = await ctx.store.users.find(id);
    if (!user) throw new AuthError("not_found");
    if (user.status === change.status) return;
    const event = await ctx.store.transaction((tx) => applyChange(ctx, tx, { ...change, user }));
    if (!event) continue;
    ctx.sessionCheck.forgetUser(id);
    return announceEvent(ctx, event);
  }
  throw new AuthError("unavailable", { cause: "Other changes of the user came first, each time." });
}

// What is no id answers as an unknown one, and never reaches a query.
function parseUserId(userId: string): UserId {
  if (typeof userId !== "string" || !isUuid(userId)) throw new AuthError("not_found");
  return userId as UserId;
}

/** Those steps, once. Null: another security change came first, and nothing was done. */
export async function applyChange(
  ctx: Context,
  tx: AuthStore,
  { type, client, status, finish, user }: SecurityChange & { readonly user: User },
): Promise<AuthEvent | null> {
  const at = ctx.clock.now();
  // The user row is locked first in every flow, so that flows cannot deadlock each other.
  if ((await tx.users.change(user.id, user.epoch, { status, at })) !== "changed") return null;
  await tx.sessions.revokeAll(null, { userId: user.id, reason: type, at });
  await tx.tokens.revokeAll(user.id);
  const named = finish ? await finish(tx, user) : { userId: user.id };
  const event = newEvent(ctx, { type, outcome: "success", ...named }, client);
  await tx.events.append([event]);
  return event;
}
