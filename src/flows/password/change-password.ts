import type { PasswordChangeInput, SignedIn } from "../../api/auth.ts";
import { passwordChangeInput } from "../../api/input-schemas.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { AuthError } from "../../errors.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { applyChange } from "../../kit/change-user.ts";
import { checkBreaches, newPasswordErrors } from "../../kit/check-new-password.ts";
import { customClaims } from "../../kit/custom-claims.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { issueSignIn } from "../../kit/issue-tokens.ts";
import { prepareNotice } from "../../kit/notices.ts";
import { newSession } from "../../kit/open-session.ts";
import { byPassword, prove, withMethods } from "../../kit/prove.ts";
import { setPassword } from "../../kit/set-password.ts";
import { takeSpends } from "../../kit/take-spends.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

const TYPE = "change_password";

/** Replaces the password, ends every session and opens a new one. It does all of these, or none. */
export async function changePassword(
  ctx: Context,
  request: SignedRequest<PasswordChangeInput>,
): Promise<SignedIn> {
  const { currentPassword, newPassword } = parseInput(passwordChangeInput, request.input);
  const client = parseClient(request.client);
  const { user, session } = await authenticate(ctx, request.token, client);
  const candidate = { password: newPassword, path: "newPassword" };
  const errors = await newPasswordErrors(ctx, candidate, user.emailCanonical);
  if (errors.length > 0) throw new AuthError("weak_password", { errors });

  const judge = byPassword(ctx, user, currentPassword);
  return prove(ctx, { type: TYPE, user, session, client, judge }, async (trying, proof) => {
    await checkBreaches(ctx, candidate);
    const data = await ctx.hasher.hash(newPassword);
    const next = newSession(ctx, { user, amr: withMethods(session.amr, proof), client });
    const claims = await customClaims(ctx, user, next);
    // The tokens are signed before the write, so that a failing signer changes nothing. No caller has them yet.
    // This device stays known: its new token is of the epoch that the change begins.
    const changed = { ...user, epoch: user.epoch + 1 };
    const signedIn = await issueSignIn(ctx, { user: changed, session: next, claims }, null);
    const notice = await prepareNotice(ctx, { kind: "password_changed", user, client });
    const finish = async (tx: AuthStore) => {
      await takeSpends(tx, proof.spends, { trying, at: next.createdAt });
      await setPassword(ctx, tx, { userId: user.id, data, at: next.createdAt });
      await tx.sessions.create(next);
      if (notice) await tx.outbox.put([notice.mail]);
      return { userId: user.id, sessionId: next.id };
    };
    const event = await trying.commit((tx) => applyChange(ctx, tx, { type: TYPE, user, finish }), [notice]);
    // Another security change came first and ended this session.
    if (!event) throw trying.refuse("session_revoked", "superseded");
    return signedIn;
  });
}
