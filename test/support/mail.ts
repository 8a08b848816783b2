import type { AuthOptions, EmailProof, Mailer, MailOptions, QueuedMail, User } from "sallyport";
import { type CapturingMailer, capturingMailer } from "sallyport/testing";
import type { Context } from "../../src/context.ts";
import { mailRow } from "../../src/kit/proofs/mail-row.ts";
import { newProof } from "../../src/kit/proofs/new-proof.ts";
import { CLIENT, EMAIL, type Harness, makeAuth, PASSWORD } from "./harness.ts";

export const PAGE = "https://app.acme.example/mail";
/** Of the one who asked for a mail. */
export const ASKER: { readonly ip: string; readonly userAgent: string; readonly requestId: string } = {
  ip: CLIENT.ip,
  userAgent: CLIENT.userAgent,
  requestId: "req-1",
};

/** The options of an application that delivers when it is told to. */
export function sendingBy(mailer: Mailer, mail: Partial<MailOptions> = {}): Partial<AuthOptions> {
  return { mailer, mail: { page: PAGE, delivery: "manual", ...mail }, email: { verification: "off" } };
}

export interface Mailing extends Harness {
  readonly mailer: CapturingMailer;
}

/** An `Auth` over a mailer that keeps its mails. */
export function makeMailing(options: Partial<AuthOptions> = {}, mail: Partial<MailOptions> = {}): Mailing {
  const mailer = capturingMailer();
  return { mailer, ...makeAuth({ ...sendingBy(mailer, mail), ...options }) };
}

export interface Asked {
  readonly purpose?: EmailProof["purpose"];
  readonly email?: string;
  readonly user?: User;
  readonly isOverBudget?: boolean;
  readonly ttl?: number;
  readonly userAgent?: string;
}

export interface Queued {
  readonly proof: EmailProof;
  readonly mail: QueuedMail;
}

/** Stores what a call that mails stores. */
export async function ask(ctx: Context, asked: Asked = {}): Promise<Queued> {
  const { purpose = "password_reset", email = EMAIL, user, isOverBudget, ttl = 3_600_000 } = asked;
  const client = { ...ASKER, userAgent: asked.userAgent ?? ASKER.userAgent };
  const proof = newProof(ctx, {
    purpose,
    email,
    emailCanonical: email.toLowerCase(),
    userId: user?.id ?? null,
    epoch: user?.epoch ?? null,
    data: {},
    ttl,
  });
  const data = { locale: null, client, isOverBudget };
  const mail = mailRow(ctx, { kind: purpose, recipient: email, proofId: proof.id, data });
  await ctx.store.transaction(async (tx) => {
    await tx.proofs.open(proof);
    await tx.outbox.put([mail]);
  });
  return { proof, mail };
}

/** The proof as it now is. */
export async function proofNow(ctx: Context, { proof }: Pick<Queued, "proof">): Promise<EmailProof> {
  const found = await ctx.store.proofs.find(proof.id, ctx.clock.now());
  if (!found) throw new TypeError("The proof is gone");
  return found;
}

/** Ada, who has an account. */
export async function signUp({ auth, ctx }: Harness, email: string = EMAIL): Promise<User> {
  const { user } = await auth.signup({ email, password: PASSWORD }, CLIENT);
  const found = await ctx.store.users.find(user.id);
  if (!found) throw new TypeError("The user is gone");
  return found;
}
