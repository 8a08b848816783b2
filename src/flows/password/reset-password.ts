import type { ResetInput } from "../../api/auth.ts";
import { resetInput } from "../../api/proof-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import { applyChange } from "../../kit/change-user.ts";
import { hashNewPassword } from "../../kit/check-new-password.ts";
import { confirmProof, ownerOf, spendOf } from "../../kit/confirm-proof.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { prepareNotice } from "../../kit/notices.ts";
import { isUnproven, removeWaysIn } from "../../kit/reclaim.ts";
import { setPassword } from "../../kit/set-password.ts";
import { takeSpends } from "../../kit/take-spends.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

const TYPE = "reset_password";

/**
 * Sets a new password by a mail, and ends every session. The mailbox is proven by that. If it was not before, the
 * account is taken back. It signs no user in.
 */
export async function resetPassword(ctx: Context, request: OpenRequest<ResetInput>): Promise<void> {
  const { password, ...shown } = parseInput(resetInput, request.input);
  const client = parseClient(request.client);
  const confirming = { type: TYPE, purpose: "password_reset", shown, client } as const;
  return confirmProof(ctx, confirming, async (trying, proof) => {
    const user = await ownerOf(ctx, trying, proof);
    const data = await hashNewPassword(ctx, { password, path: "password" }, user.emailCanonical);
    const at = ctx.clock.now();
    const reclaimed = isUnproven(user);
    const verified = { ...user, emailVerifiedAt: user.emailVerifiedAt ?? at };
    const notice = await prepareNotice(ctx, { kind: "password_changed", user: verified, client, reclaimed });
    const change = {
      type: TYPE,
      user,
      emailVerifiedAt: verified.emailVerifiedAt,
      reclaims: reclaimed,
      begin: (tx: AuthStore) => takeSpends(tx, [spendOf(proof)], { trying, at }),
      finish: async (tx: AuthStore) => {
        if (reclaimed) await removeWaysIn(tx, user);
        await setPassword(ctx, tx, { userId: user.id, data, at });
        if (notice) await tx.outbox.put([notice.mail]);
        return { userId: user.id, attemptedEmail: user.emailCanonical };
      },
    } as const;
    const event = await trying.commit((tx) => applyChange(ctx, tx, change), [notice]);
    if (!event) throw trying.refuse("invalid_code", "superseded");
  });
}
