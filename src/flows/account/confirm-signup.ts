import type { LoginResult, SignupConfirmation } from "../../api/auth.ts";
import { signupConfirmationInput } from "../../api/proof-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import { AuthError } from "../../errors.ts";
import type { Attempt } from "../../kit/attempt.ts";
import { hashNewPassword } from "../../kit/check-new-password.ts";
import { confirmProof, spendOf } from "../../kit/confirm-proof.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { newAccount, storeAccount } from "../../kit/new-account.ts";
import { readPending } from "../../kit/pending-signup.ts";
import { sessionBroughtBy } from "../../kit/replace-session.ts";
import { signIn } from "../../kit/sign-in.ts";
import { judgeFields } from "../../kit/signup-fields.ts";
import { takeSpends } from "../../kit/take-spends.ts";
import { userCreatedStep } from "../../kit/user-created.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/** Creates the account of a signup whose mailbox is proven now, and opens its first session. */
export async function confirmSignup(
  ctx: Context,
  request: OpenRequest<SignupConfirmation>,
): Promise<LoginResult> {
  const { password, refreshToken, ...shown } = parseInput(signupConfirmationInput, request.input);
  const client = parseClient(request.client);
  const confirming = { type: "signup", purpose: "signup", shown, client } as const;
  return confirmProof(ctx, confirming, async (trying, proof) => {
    const { hash, fields } = await accountOf(ctx, trying, { proof, password });
    const email = { typed: proof.email, canonical: proof.emailCanonical };
    const account = newAccount(ctx, email, { hash, isVerified: true });
    const { user } = account;
    const userCreated = userCreatedStep(ctx, user, fields);
    const create = async (tx: AuthStore): Promise<boolean> => {
      await takeSpends(tx, [spendOf(proof)], { trying, at: user.createdAt });
      // Thrown, so that the proof is not taken: only an error rolls back.
      if (!(await storeAccount(tx, account))) throw trying.refuse("email_taken");
      await userCreated.run(tx);
      return true;
    };
    const replaces = sessionBroughtBy(ctx, refreshToken);
    const entry = { user, amr: ["pwd"], device: null, replaces, spends: [], client, create };
    const result = await signIn(ctx, trying, entry).catch((failure) => {
      throw userCreated.judge(failure);
    });
    if (!result) throw new TypeError("A signup was refused without a reason");
    return result;
  });
}

interface Confirmed {
  readonly proof: EmailProof;
  /** A new password, beside the link. Without one, the browser of the signup confirms, and its password counts. */
  readonly password: string | undefined;
}

async function accountOf(
  ctx: Context,
  trying: Attempt,
  { proof, password }: Confirmed,
): Promise<{ readonly hash: string; readonly fields: unknown }> {
  const pending = readPending(proof.data);
  if (!pending) throw trying.refuse("invalid_code", "proof_unknown");
  // The application may have another schema by now.
  const { value: fields, errors } = judgeFields(ctx, pending.fields ?? undefined);
  if (errors.length > 0) throw new AuthError("invalid_input", { errors });
  if (password === undefined) return { hash: pending.hash, fields };
  return {
    hash: await hashNewPassword(ctx, { password, path: "password" }, proof.emailCanonical),
    fields,
  };
}
