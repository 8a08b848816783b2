import type { LoginResult } from "../api/auth.ts";
import type { Context } from "../context.ts";
import { type Budget, onlyScopes } from "../domain/budget.ts";
import { type Attempt, attempt, compare } from "./attempt.ts";
import { type Resumed, resume } from "./challenge.ts";
import type { Client } from "./input.ts";
import { enforceLimits } from "./limits/budget.ts";
import type { Refund } from "./limits/count.ts";
import { type Proof, withMethods } from "./prove.ts";
import { nameAccount, pseudonymsOf } from "./record-event.ts";
import { signIn } from "./sign-in.ts";

/** The most answers to one challenge. Right answers count too. */
const MAX_ANSWERS = 5;

export interface ChallengeAnswer {
  readonly challengeToken: string;
  /** The method of the answer. The challenge must name it. */
  readonly method: string;
  readonly client: Client;
  readonly budget: Budget;
}

/** Compares the answer with the user's credentials. Throws `trying.refuse(...)` for a wrong answer. */
export type JudgeAnswer = (trying: Attempt, resumed: Resumed) => Promise<Proof>;

/**
 * Answers a challenge and continues its sign-in, which asks the gates again and then opens the session. It counts the
 * answer before it compares it.
 */
export async function answerChallenge(
  ctx: Context,
  answer: ChallengeAnswer,
  judge: JudgeAnswer,
): Promise<LoginResult> {
  const { client, budget } = answer;
  await enforceLimits(ctx, onlyScopes(budget, "address"), { type: "login", named: {}, client });
  return attempt(ctx, { type: "login", named: {}, client }, async (trying) => {
    const resumed = await resume(ctx, answer.challengeToken, answer.method);
    if (typeof resumed === "string") throw trying.refuse("invalid_challenge", resumed);
    trying.name(nameAccount(ctx, resumed.user, resumed.user.emailCanonical));
    const refund = await countAnswer(ctx, trying, { resumed, client, budget });
    const proof = await compare(refund, () => judge(trying, resumed));
    const amr = withMethods(resumed.amr, proof);
    const spends = [...resumed.spends, ...proof.spends];
    const result = await signIn(ctx, trying, { ...resumed, amr, spends, client });
    if (!result) throw trying.refuse("invalid_challenge", "superseded");
    return result;
  });
}

interface Answering {
  readonly resumed: Resumed;
  readonly client: Client;
  readonly budget: Budget;
}

async function countAnswer(
  ctx: Context,
  trying: Attempt,
  { resumed: { user, device, challenge }, client, budget }: Answering,
): Promise<Refund> {
  const account = pseudonymsOf(ctx, user.emailCanonical);
  const named = { attemptedEmail: account[0] };
  const counting = enforceLimits(ctx, onlyScopes(budget, "account", "device", "devices"), {
    type: "login",
    named,
    client,
    account,
    device: device === null ? null : { id: device, userId: user.id, epoch: user.epoch },
  });
  // The limits record the event of their refusal.
  const refund = await counting.catch((error) => Promise.reject(trying.dismiss(error)));
  const limit = { max: MAX_ANSWERS, now: ctx.clock.now() };
  if (await ctx.store.tokens.countAttempt("challenge", challenge.hash, limit)) return refund;
  await refund(); // nothing was compared
  throw trying.refuse("invalid_challenge", "attempts_used_up");
}
