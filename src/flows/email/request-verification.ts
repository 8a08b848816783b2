import type { MailSent } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { ASKED, beyond } from "../../kit/ask-by-mail.ts";
import { attempt, type Outcome } from "../../kit/attempt.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { mailsOf } from "../../kit/mail-sent.ts";
import { prepareUserMail } from "../../kit/mail-to-user.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/** Sends the signed-in user a mail that verifies their address. */
export async function requestVerification(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<MailSent> {
  mailsOf(ctx);
  const client = parseClient(request.client);
  const { user, session } = await authenticate(ctx, request.token, client);
  const named = { userId: user.id, sessionId: session.id };
  const draft = { type: "request_email_verification", named, client } as const;
  await enforceLimits(ctx, ctx.settings.limits.changes, { ...draft, session: session.id });
  return attempt(ctx, draft, async (trying) => {
    const mail = await prepareUserMail(ctx, { purpose: "email_verification", user, client });
    const store = async (tx: AuthStore): Promise<Outcome> => {
      await mail.write(tx);
      return { ...ASKED, ...named, data: beyond(mail.isWithin) };
    };
    await trying.commit(store, [mail]);
    return mail.sent;
  });
}
