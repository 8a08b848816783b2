import type { Context } from "../context.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import { addressLimits, enforceLimits, sessionLimits } from "./enforce-limits.ts";
import type { Client } from "./input.ts";
import { type FailAttempt, failAttempt } from "./record-event.ts";
import { verifyPassword } from "./verify-password.ts";

export interface PasswordProof {
  readonly type: "reauthenticate" | "change_password";
  readonly user: User;
  readonly session: Session;
  readonly password: string;
  readonly client: Client;
}

/** Both kinds of proof draw on one budget: a guess is a guess. */
const BUDGET = "reauthenticate";

/**
 * Asks who is signed in for their password. The budget is the session's: a stranger who uses up the
 * account's cannot keep its owner from this, nor the thief of one session from another one. Answers the one
 * way in which the rest of the attempt may fail.
 */
export async function provePassword(ctx: Context, proof: PasswordProof): Promise<FailAttempt> {
  const { type, user, session, password, client } = proof;
  const rules = ctx.settings.limits.reauthenticate;
  const named = { userId: user.id, sessionId: session.id };
  const limits = [
    ...addressLimits(BUDGET, rules.address, client),
    ...sessionLimits(BUDGET, rules.session, session.id),
  ];
  const refund = await enforceLimits(ctx, { type, limits, named, client });
  const fail = failAttempt(ctx, { type, ...named }, client);

  // Nothing was guessed when the server was busy or down.
  const giveUp = async (error: unknown): Promise<never> => {
    await refund().catch(fail);
    return fail(error);
  };
  const [credential = null] = await ctx.store.credentials.list(user.id, "password").catch(giveUp);
  const matches = await verifyPassword(ctx, credential, password).catch(giveUp);
  if (!matches)
    return fail(new AuthError("invalid_credentials"), credential ? "wrong_password" : "no_password");
  await refund().catch(fail);
  return fail;
}

/** The means by which a session was proven, the password now among them. */
export function withPassword(amr: readonly string[]): readonly string[] {
  return amr.includes("pwd") ? amr : [...amr, "pwd"];
}
