import type { Context } from "../../context.ts";
import { deviceNameOf } from "../../domain/device-name.ts";
import { addMs } from "../../domain/duration.ts";
import { within } from "../../lib/within.ts";
import type { MailFacts, MailService } from "../../mail-service.ts";
import type { Mail } from "../../ports/mailer.ts";
import { decide, type Letter } from "./decide.ts";
import { factsOf, handleFailure } from "./handle-failure.ts";
import { mailProof } from "./mail-proof.ts";
import { settleSent, settleUnsent } from "./settle.ts";
import { type ClaimedMail, readWaiting, type Waiting } from "./waiting.ts";

/** How long the mailer has for one mail. */
const SEND_MS = 30_000;

/** `idle`: no mail was to be sent, or it waits on. */
export type DeliveryResult = "sent" | "failed" | "idle";

/** Delivers one claimed mail. It throws if the store fails: then the mail is due again when its claim runs out. */
export async function deliverOne(
  ctx: Context,
  service: MailService,
  claimed: ClaimedMail,
): Promise<DeliveryResult> {
  // When the claim runs out, another worker gets the mail. By then this one must be done.
  if (addMs(ctx.clock.now(), SEND_MS) > claimed.mail.dueAt) return release(ctx, claimed);
  const waiting = readWaiting(claimed);
  if (!waiting) return failed(ctx, claimed, { letter: null, error: null });
  const decision = await decide(ctx, waiting);
  const { letter, forgotten } = decision;
  if (!letter) {
    await settleUnsent(ctx, claimed, decision);
    return "idle";
  }
  const failure = await send(ctx, service, { ...waiting, letter });
  if (failure) return failed(ctx, waiting, { letter, ...failure });
  await settleSent(ctx, { ...waiting, letter, forgotten });
  return "sent";
}

/** Lets a claimed mail be due again at once. */
export async function release(ctx: Context, { mail, lease }: ClaimedMail): Promise<DeliveryResult> {
  await ctx.store.outbox.postpone(mail.id, lease, ctx.clock.now());
  return "idle";
}

interface Failure {
  readonly letter: Letter | null;
  readonly error: unknown;
}

async function failed(
  ctx: Context,
  waiting: ClaimedMail & Partial<Waiting>,
  failure: Failure,
): Promise<DeliveryResult> {
  await handleFailure(ctx, { ...waiting, ...failure });
  return "failed";
}

interface Sending extends Waiting {
  readonly letter: Letter;
}

/** Null: the mailer accepted the mail. */
async function send(ctx: Context, service: MailService, sending: Sending): Promise<Failed | null> {
  let ready: Mail;
  try {
    ready = render(ctx, service, sending);
  } catch (error) {
    return { error };
  }
  return handOver(service, ready);
}

interface Failed {
  readonly error: unknown;
}

function render(ctx: Context, service: MailService, { mail, data, letter }: Sending): Mail {
  const { proof } = letter;
  const { client, locale, ...said } = data;
  const request = client && { at: mail.createdAt, ip: client.ip, device: deviceNameOf(client.userAgent) };
  const facts: MailFacts = {
    ...said,
    to: letter.to,
    proof: proof && mailProof(ctx, service, proof),
    request,
  };
  return Object.freeze({ id: mail.id, ...service.render(letter.kind, facts, locale) });
}

async function handOver({ mailer, outage }: MailService, ready: Mail): Promise<Failed | null> {
  try {
    await within(SEND_MS, (async () => mailer.send(ready))());
    outage.accepted();
    return null;
  } catch (error) {
    const { permanent, ...facts } = factsOf(error);
    // A refusal of one mail says nothing of the others.
    if (!permanent) outage.failed(facts);
    return { error };
  }
}
