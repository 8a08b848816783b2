import type { MailSent } from "../api/auth.ts";
import type { Email } from "../api/input-fields.ts";
import type { Asking, Context } from "../context.ts";
import type { EmailProof } from "../domain/email-proof.ts";
import type { User } from "../domain/user.ts";
import { misconfigured } from "../errors.ts";
import type { MailService } from "../mail-service.ts";
import { recipientKeys } from "./limits/mail-budgets.ts";
import type { MailData } from "./proofs/mail-row.ts";
import { newProof } from "./proofs/new-proof.ts";
import { issueTicket, type MailTicket } from "./proofs/ticket.ts";
import { pseudonymOf } from "./record-event.ts";

/** The mails of the application. Throws `invalid_configuration` without the option `mailer`. */
export function mailsOf(ctx: Context): MailService {
  if (ctx.mail) return ctx.mail;
  throw misconfigured("createAuth: mailer: is missing, and this call needs it");
}

/** The purposes of this release. */
export type MailedPurpose = "signup" | "password_reset" | "email_verification" | "login";

type TtlName = keyof MailService["settings"]["ttl"];

/** How long the links of each purpose count. */
const TTL_NAMES: Readonly<Record<MailedPurpose, TtlName>> = {
  signup: "signup",
  password_reset: "reset",
  email_verification: "verification",
  // The sign-in waits as long as any other challenge.
  login: "code",
};

export const MAILED_PURPOSES: readonly MailedPurpose[] = Object.keys(TTL_NAMES) as MailedPurpose[];

function ttlOf(ctx: Context, purpose: MailedPurpose): number {
  return mailsOf(ctx).settings.ttl[TTL_NAMES[purpose]];
}

/** What the confirmation of a proof needs. */
export type ProofData = Readonly<Record<string, unknown>>;

export interface Proving {
  readonly purpose: MailedPurpose;
  readonly email: Email;
  /** Null: the postman finds the user, if there is one. */
  readonly user: Pick<User, "id" | "epoch"> | null;
  readonly data?: ProofData | undefined;
}

/** A new proof that is not stored yet, and the answer to the call that made it. */
export function newMailProof(
  ctx: Context,
  { purpose, email, user, data = {} }: Proving,
): { readonly proof: EmailProof; readonly sent: MailSent } {
  const proof = newProof(ctx, {
    purpose,
    email: email.typed,
    emailCanonical: email.canonical,
    userId: user?.id ?? null,
    epoch: user?.epoch ?? null,
    data,
    ttl: ttlOf(ctx, purpose),
  });
  const ticket: MailTicket = {
    id: proof.id,
    purpose,
    pseudonym: pseudonymOf(ctx, email.canonical),
    limitKeys: recipientKeys(ctx, email.canonical),
  };
  return { proof, sent: sentBy(issueTicket(ctx, ticket, proof.expiresAt), proof.expiresAt) };
}

export function sentBy(challengeToken: string, expiresAt: Date): MailSent {
  return { status: "check_email", challengeToken, expiresAt };
}

/** What a mail keeps of the client that asked for it, and what else it must know. */
export function requestOf(client: Asking["client"], more: Partial<MailData> = {}): MailData {
  return { ...more, locale: client.locale ?? null, client };
}
