import type { MailSent, ResendInput } from "../../api/auth.ts";
import { resendInput } from "../../api/proof-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import { onlyScopes } from "../../domain/budget.ts";
import { ASKED, beyond } from "../../kit/ask-by-mail.ts";
import { attempt, type Outcome } from "../../kit/attempt.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { countMail, countResend } from "../../kit/limits/mail-budgets.ts";
import type { QuietCount } from "../../kit/limits/quiet.ts";
import { MAILED_PURPOSES, type MailedPurpose, mailsOf, requestOf, sentBy } from "../../kit/mail-sent.ts";
import { mailRow } from "../../kit/proofs/mail-row.ts";
import { type PresentedTicket, readTicket } from "../../kit/proofs/ticket.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/**
 * Sends a mail again. The token alone says which one: no row is read, so the answer is the same whether the mail still
 * counts or was used meanwhile.
 */
export async function resendMail(ctx: Context, request: OpenRequest<ResendInput>): Promise<MailSent> {
  mailsOf(ctx);
  const { challengeToken } = parseInput(resendInput, request.input);
  const client = parseClient(request.client);
  const ticket = findTicket(ctx, challengeToken);
  const named = ticket ? { attemptedEmail: ticket.pseudonym } : {};
  const draft = { type: "resend_mail", named, client } as const;
  await enforceLimits(ctx, onlyScopes(ctx.settings.limits.mail, "address"), draft);
  return attempt(ctx, draft, async (trying) => {
    if (!ticket) throw trying.refuse("invalid_code", "proof_unknown");
    const counted = await countAgain(ctx, ticket);
    const isWithin = counted.every((one) => one.isWithin);
    const data = requestOf(client, { isOverBudget: !isWithin });
    // Only the row of the proof knows the address, and the postman reads it.
    const mail = mailRow(ctx, { kind: ticket.purpose, recipient: "", proofId: ticket.id, data });
    const store = async (tx: AuthStore): Promise<Outcome> => {
      await tx.outbox.put([mail]);
      return { ...ASKED, ...named, data: beyond(isWithin) };
    };
    await trying.commit(store, counted);
    return sentBy(challengeToken, ticket.expiresAt);
  });
}

type Askable = PresentedTicket & { readonly purpose: MailedPurpose };

function findTicket(ctx: Context, token: string): Askable | null {
  for (const purpose of MAILED_PURPOSES) {
    const ticket = readTicket(ctx, purpose, token);
    if (ticket) return { ...ticket, purpose };
  }
  return null;
}

// Both count, whatever the first says: how often one mail was sent is no news to its asker.
async function countAgain(ctx: Context, ticket: Askable): Promise<readonly QuietCount[]> {
  const own = await countResend(ctx, ticket.id);
  return [own, await countMail(ctx, ticket.purpose, { keys: ticket.limitKeys })];
}
