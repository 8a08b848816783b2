import type { Context } from "../context.ts";
import type { AuthEventType } from "../domain/auth-event.ts";
import type { Budget } from "../domain/budget.ts";
import type { ProofPurpose } from "../domain/email-proof.ts";
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

/** An owner's way back outlives every later change: the change may be a thief's. */
const WAYS_BACK: readonly ProofPurpose[] = ["email_revert", "deletion_undo"];

export interface SecurityChange {
  /** The type of the event, and the reason why the sessions end. */
  readonly type: AuthEventType;
  /** The new status. A user who already has it is not changed, and no event is recorded. */
  readonly status?: UserStatus | undefined;
  /** When the address was proven. Default: as it was. */
  readonly emailVerifiedAt?: Date | undefined;
  /** Whether the owner of the mailbox takes the account back. Then every proof ends, ways back too. */
  readonly reclaims?: boolean | undefined;
  /** Runs under the lock, before anything ends: it uses up the proof of the change. */
  readonly begin?: ((tx: AuthStore) => Promise<void>) | undefined;
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
  change: SecurityChange & { readonly user: User },
): Promise<Outcome | null> {
  const { type, status, emailVerifiedAt, reclaims, begin, finish, user } = change;
  const at = ctx.clock.now();
  // Every flow locks the user's row first and then the proofs, so that flows cannot deadlock each other.
  const result = await tx.users.change(user.id, user.epoch, { status, emailVerifiedAt, at });
  if (result !== "changed") return null;
  await begin?.(tx);
  await tx.proofs.endAll(user.id, { keep: reclaims ? [] : WAYS_BACK, at });
  await tx.sessions.revokeAll(null, { userId: user.id, reason: type, at });
  await tx.tokens.revokeAll(user.id);
  const named = finish ? await finish(tx, user) : { userId: user.id };
  return { ...named, ended: { user: user.id } };
}
