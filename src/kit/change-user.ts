import type { Context } from "../context.ts";
import type { AuthEventType } from "../domain/auth-event.ts";
import type { Budget } from "../domain/budget.ts";
import type { UserId } from "../domain/ids.ts";
import type { User, UserStatus } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import { isUuid } from "../lib/uuid.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { commitEvent, type Outcome } from "./attempt.ts";
import { recordBounded } from "./limits/record-bounded.ts";
import type { ParsedOperator } from "./operator.ts";
import type { Named } from "./record-event.ts";

/** An operator must be able to disable a user at once, even while other changes of the user come first. */
const MAX_ATTEMPTS = 20;
const UNKNOWN_USERS: Budget = { name: "unknown-user", address: [{ points: 1, windowMs: 60_000 }] };

export interface SecurityChange {
  /** The type of the event, and the reason why the sessions end. */
  readonly type: AuthEventType;
  /** The new status. A user who already has it is not changed, and no event is recorded. */
  readonly status?: UserStatus | undefined;
  /** Does the rest of the change. It returns the account that the event names. Default: the user. */
  readonly finish?: ((tx: AuthStore, user: User) => Promise<Named>) | undefined;
}

interface OperatorChange extends SecurityChange {
  readonly operator: ParsedOperator;
}

/**
 * Makes a security change for an operator. One transaction locks the user's row, ends the sessions and one-time tokens,
 * and stores the success event. Throws `not_found` for an unknown user, and `unavailable` if other changes come first
 * each time.
 */
export async function changeUser(ctx: Context, userId: string, change: OperatorChange): Promise<void> {
  const { type, operator } = change;
  const id = parseUserId(userId);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    // The user is read outside the transaction: inside it, a database may keep showing the old epoch.
    const user = await ctx.store.users.find(id);
    if (!user) return refuseUnknown(ctx, id, change);
    if (user.status === change.status) return;
    const event = await commitEvent(ctx, { type, client: operator.client }, async (tx) => {
      const done = await applyChange(ctx, tx, { ...change, user });
      return done && { ...done, data: operator.said ?? undefined };
    });
    if (event) return;
  }
  throw new AuthError("unavailable", { cause: "Each time, another change of the user came first." });
}

// A malformed id answers like an unknown id, and never reaches a query.
function parseUserId(userId: string): UserId {
  if (typeof userId !== "string" || !isUuid(userId)) throw new AuthError("not_found");
  return userId as UserId;
}

async function refuseUnknown(ctx: Context, id: UserId, { type, operator }: OperatorChange): Promise<never> {
  const { client, said } = operator;
  const data = { ...said, target: id };
  const failure = { type, outcome: "failure", reason: "not_found", named: {}, data, client } as const;
  await recordBounded(ctx, UNKNOWN_USERS, failure);
  throw new AuthError("not_found");
}

/** Runs the steps of a security change once, within a transaction. Null: another security change came first. */
export async function applyChange(
  ctx: Context,
  tx: AuthStore,
  { type, status, finish, user }: SecurityChange & { readonly user: User },
): Promise<Outcome | null> {
  const at = ctx.clock.now();
  // Every flow locks the user's row first, so that flows cannot deadlock each other.
  if ((await tx.users.change(user.id, user.epoch, { status, at })) !== "changed") return null;
  await tx.sessions.revokeAll(null, { userId: user.id, reason: type, at });
  await tx.tokens.revokeAll(user.id);
  const named = finish ? await finish(tx, user) : { userId: user.id };
  return { ...named, ended: { user: user.id } };
}
