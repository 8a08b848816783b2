import type { Context } from "../../context.ts";
import { canonicalEmail } from "../../domain/email.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { Client } from "../input.ts";
import type { MailData } from "../proofs/mail-row.ts";
import { type Named, nameAccount, pseudonymOf } from "../record-event.ts";
import type { Letter } from "./decide.ts";

const NO_CLIENT: Client = Object.freeze({ ip: null, userAgent: null, requestId: null });

/** The client that asked for the mail. The event of the mail has it. */
export function askerOf(data: MailData | undefined): Client {
  return data?.client ?? NO_CLIENT;
}

/** The account that the event of a mail names. */
export function nameReader(ctx: Context, { recipient }: QueuedMail, letter: Letter | null): Named {
  if (letter?.user) return nameAccount(ctx, letter.user, letter.user.emailCanonical);
  // A mail that was asked for again has no recipient of its own.
  const address = letter?.to ?? recipient;
  return address === "" ? {} : { attemptedEmail: pseudonymOf(ctx, canonicalEmail(address) ?? address) };
}
