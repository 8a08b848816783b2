import type { ChallengeProof, LoginResult } from "../../api/auth.ts";
import { challengeProofInput } from "../../api/proof-schemas.ts";
import type { Context, OpenRequest, Spend } from "../../context.ts";
import type { User } from "../../domain/user.ts";
import { confirmProof, ownerOf, spendOf } from "../../kit/confirm-proof.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { readParked } from "../../kit/park-by-mail.ts";
import { isUnproven } from "../../kit/reclaim.ts";
import { signIn } from "../../kit/sign-in.ts";

/**
 * Answers the gate `email`: verifies the address, and continues the sign-in, which asks the other gates. The mail adds
 * nothing to `amr`: it is no second factor.
 */
export async function answerEmail(ctx: Context, request: OpenRequest<ChallengeProof>): Promise<LoginResult> {
  const shown = parseInput(challengeProofInput, request.input);
  const client = parseClient(request.client);
  const confirming = { type: "login", purpose: "login", shown, client } as const;
  return confirmProof(ctx, confirming, async (trying, proof) => {
    const user = await ownerOf(ctx, trying, proof);
    const parked = readParked(ctx, proof.data);
    if (!parked) throw trying.refuse("invalid_code", "proof_unknown");
    const spends = [...(isUnproven(user) ? [verification(user)] : []), spendOf(proof)];
    const verified = { ...user, emailVerifiedAt: user.emailVerifiedAt ?? ctx.clock.now() };
    const result = await signIn(ctx, trying, { ...parked, user: verified, spends, client });
    if (!result) throw trying.refuse("invalid_code", "superseded");
    return result;
  });
}

/** Verifies the address in the transaction that continues the sign-in. It also holds the lock of the user's row. */
function verification({ id, epoch }: User): Spend {
  return {
    code: "invalid_code",
    reason: "superseded",
    take: (tx, at) => tx.users.verify(id, epoch, at),
  };
}
