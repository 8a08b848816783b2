import type { MailSent, ResetRequestInput } from "../../api/auth.ts";
import { resetRequestInput } from "../../api/proof-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import { onlyScopes } from "../../domain/budget.ts";
import { askByMail } from "../../kit/ask-by-mail.ts";
import { attempt } from "../../kit/attempt.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { mailsOf } from "../../kit/mail-sent.ts";
import { pseudonymOf } from "../../kit/record-event.ts";

/** Asks for a mail that sets a new password. It does not look whether there is an account. */
export async function requestReset(ctx: Context, request: OpenRequest<ResetRequestInput>): Promise<MailSent> {
  mailsOf(ctx);
  const { email, deviceToken } = parseInput(resetRequestInput, request.input);
  const client = parseClient(request.client);
  const device = ctx.deviceTokens.read(deviceToken, email.canonical, ctx.clock.now());
  const named = { attemptedEmail: pseudonymOf(ctx, email.canonical) };
  const draft = { type: "request_password_reset", named, client } as const;
  await enforceLimits(ctx, onlyScopes(ctx.settings.limits.mail, "address"), draft);
  return attempt(ctx, draft, (trying) =>
    askByMail(ctx, trying, { purpose: "password_reset", email, client, device }),
  );
}
