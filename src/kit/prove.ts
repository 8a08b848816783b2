import type { Context, Spend } from "../context.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { type Attempt, attempt, compare } from "./attempt.ts";
import type { Client } from "./input.ts";
import { enforceLimits } from "./limits/budget.ts";
import { verifyPassword } from "./verify-password.ts";

/** A right proof: the methods that it adds to `amr` (RFC 8176), and the writes that use it up. */
export interface Proof {
  readonly amr: readonly string[];
  readonly spends: readonly Spend[];
}

/** A signed-in user who must prove their identity again. */
export interface Proving {
  readonly type: "reauthenticate" | "change_password";
  readonly user: User;
  readonly session: Session;
  readonly client: Client;
  /** Compares the proof with the account's credentials. Throws `trying.refuse(...)` for a wrong proof. */
  judge(trying: Attempt): Promise<Proof>;
}

/**
 * Runs `work` after a right proof of the user. All kinds of proof share one budget, so that another kind gives no
 * further guesses. Each session has its own budget. So neither a stranger nor the thief of another session can use it
 * up. The address counts wrong answers only, and far more than one session may give: a colleague's mistakes stop no
 * user. Right answers cost a hash, too: `changes` bounds them.
 */
export async function prove<T>(
  ctx: Context,
  { type, user, session, client, judge }: Proving,
  work: (trying: Attempt, proof: Proof) => Promise<T>,
): Promise<T> {
  const named = { userId: user.id, sessionId: session.id };
  const { reauthenticate, changes } = ctx.settings.limits;
  const attempted = { type, named, client, session: session.id } as const;
  await enforceLimits(ctx, changes, attempted);
  const refund = await enforceLimits(ctx, { ...reauthenticate, refundsAddress: true }, attempted);
  return attempt(ctx, { type, named, client }, async (trying) => {
    const proof = await compare(refund, () => judge(trying));
    return work(trying, proof);
  });
}

/** Makes the judge of a proof by password. */
export function byPassword(ctx: Context, user: User, password: string): Proving["judge"] {
  return async (trying) => {
    const [credential = null] = await ctx.store.credentials.list(user.id, "password");
    if (await verifyPassword(ctx, credential, password)) return { amr: ["pwd"], spends: [] };
    throw trying.refuse("invalid_credentials", credential ? "wrong_password" : "no_password");
  };
}

/** Adds the methods of a proof to those of a session, each once. */
export function withMethods(amr: readonly string[], proof: Proof): readonly string[] {
  return [...new Set([...amr, ...proof.amr])];
}
