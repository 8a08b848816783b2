import type { Context } from "../context.ts";
import type { AuthEventType } from "../domain/auth-event.ts";
import type { UserId } from "../domain/ids.ts";
import type { User, UserStatus } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import { isUuid } from "../lib/uuid.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { commitEvent, type Outcome } from "./attempt.ts";
import type { Client } from "./input.ts";
import type { Named } from "./record-event.ts";

/** A busy user's account too must be disabled now: it cannot wait for a quiet moment. */
const MAX_ATTEMPTS = 20;

export interface SecurityChange {
  /** Names the event, and says why the sessions ended. */
  readonly type: AuthEventType;
  /** A user who has it already stays the same: nothing happens, and nothing is recorded. */
  readonly status?: UserStatus | undefined;
  /** What else belongs to the change. It answers the names of the event; by default that is the user. */
  readonly finish?: ((tx: AuthStore, user: User) => Promise<Named>) | undefined;
}

/**
 * Makes a security change: in one transaction the lock of the user's row, the end of sessions and one-time tokens, and
 * the success event. Throws `not_found` for an unknown user, `unavailable` if other changes win each time.
 */
export async function changeUser(
  ctx: Context,
  userId: string,
  change: SecurityChange & { readonly client: Client },
): Promise<void> {
  const id = parseUserId(userId);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    // Read outside the transaction: inside, a database may go on showing the epoch that lost.
    const user = await ctx.store.users.find(id);
    if (!user) throw new AuthError("not_found");
    if (user.status === change.status) return;
    if (await commitEvent(ctx, change, (tx) => applyChange(ctx, tx, { ...change, user }))) return;
  }
  throw new AuthError("unavailable", { cause: "Other changes of the user came first, each time." });
}

// A text that is no id answers like an unknown id, and never reaches a query.
function parseUserId(userId: string): UserId {
  if (typeof userId !== "string" || !isUuid(userId)) throw new AuthError("not_found");
  return userId as UserId;
}

/** Those steps, once. Null: another security change came first, and nothing was done. */
export async function applyChange(
  ctx: Context,
  tx: AuthStore,
  { type, status, finish, user }: SecurityChange & { readonly user: User },
): Promise<Outcome | null> {
  const at = ctx.clock.now();
  // Every flow locks the user row first, so that flows cannot deadlock each other.
  if ((await tx.users.change(user.id, user.epoch, { status, at })) !== "changed") return null;
  await tx.sessions.revokeAll(null, { userId: user.id, reason: type, at });
  await tx.tokens.revokeAll(user.id);
  const named = finish ? await finish(tx, user) : { userId: user.id };
  return { ...named, ended: { user: user.id } };
}
