import type { CurrentUser, SessionProof } from "../../api/auth.ts";
import { sessionProofInput } from "../../api/proof-schemas.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { confirmProof, ownerOf, spendOf } from "../../kit/confirm-proof.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { isUnproven } from "../../kit/reclaim.ts";
import { takeSpends } from "../../kit/take-spends.ts";
import { toCurrentUser } from "../../kit/views.ts";

const TYPE = "verify_email";

/** Verifies the address of the signed-in user by a mail. The session stands for the browser that asked. */
export async function verifyEmail(ctx: Context, request: SignedRequest<SessionProof>): Promise<CurrentUser> {
  const shown = parseInput(sessionProofInput, request.input);
  const client = parseClient(request.client);
  const { user, session } = await authenticate(ctx, request.token, client);
  const named = { userId: user.id, sessionId: session.id };
  await enforceLimits(ctx, ctx.settings.limits.changes, { type: TYPE, named, client, session: session.id });
  const confirming = { type: TYPE, purpose: "email_verification", shown, client, named } as const;
  return confirmProof(ctx, confirming, async (trying, proof) => {
    // A link that someone sent verifies no account but its own.
    if (proof.userId !== user.id) throw trying.refuse("invalid_code", "proof_unknown");
    const owner = await ownerOf(ctx, trying, proof);
    const at = ctx.clock.now();
    await trying.commit(async (tx) => {
      const isLost = isUnproven(owner) && !(await tx.users.verify(owner.id, owner.epoch, at));
      if (isLost) throw trying.refuse("invalid_code", "superseded");
      await takeSpends(tx, [spendOf(proof)], { trying, at });
      return named;
    });
    return toCurrentUser({ user: { ...owner, emailVerifiedAt: owner.emailVerifiedAt ?? at }, session });
  });
}
