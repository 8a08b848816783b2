import type { Context, Spend } from "../context.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { type Attempt, attempt, compare } from "./attempt.ts";
import type { Client } from "./input.ts";
import { enforceLimits } from "./limits/budget.ts";
import { verifyPassword } from "./verify-password.ts";

/** A right proof: the methods that it adds to `amr` (RFC 8176), and what it uses up. */
export interface Proof {
  readonly amr: readonly string[];
  readonly spends: readonly Spend[];
}

/** The signed-in user who has to prove themselves again. */
export interface Proving {
  readonly type: "reauthenticate" | "change_password";
  readonly user: User;
  readonly session: Session;
  readonly client: Client;
  /** Compares what the user gave with what the account has. Throws `trying.refuse(...)` for a wrong proof. */
  judge(trying: Attempt): Promise<Proof>;
}

/**
 * Runs `work` once the user's proof was right. All kinds of proof draw on one budget: a guess is a guess. The budget is
 * the session's. So a stranger cannot use it up, nor the thief of one session that of another.
 */
export async function prove<T>(
  ctx: Context,
  { type, user, session, client, judge }: Proving,
  work: (trying: Attempt, proof: Proof) => Promise<T>,
): Promise<T> {
  const named = { userId: user.id, sessionId: session.id };
  const { reauthenticate: budget } = ctx.settings.limits;
  const refund = await enforceLimits(ctx, budget, { type, named, client, session: session.id });
  return attempt(ctx, { type, named, client }, async (trying) => {
    const proof = await compare(trying, refund, () => judge(trying));
    return work(trying, proof);
  });
}

/** The proof by password. */
export function byPassword(ctx: Context, user: User, password: string): Proving["judge"] {
  return async (trying) => {
    const [credential = null] = await ctx.store.credentials.list(user.id, "password");
    if (await verifyPassword(ctx, credential, password)) return { amr: ["pwd"], spends: [] };
    throw trying.refuse("invalid_credentials", credential ? "wrong_password" : "no_password");
  };
}

/** The methods by which a session was proven, the new ones among them. */
export function withMethods(amr: readonly string[], proof: Proof): readonly string[] {
  return [...new Set([...amr, ...proof.amr])];
}
