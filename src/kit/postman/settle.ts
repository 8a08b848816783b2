import type { Context } from "../../context.ts";
import { commitEvent } from "../attempt.ts";
import type { Decision, Letter } from "./decide.ts";
import { askerOf, nameReader } from "./name-reader.ts";
import type { ClaimedMail, Waiting } from "./waiting.ts";

/** Deletes a mail that says nothing to any reader. */
export async function settleUnsent(
  ctx: Context,
  { mail, lease }: ClaimedMail,
  { forgotten }: Decision,
): Promise<void> {
  await ctx.store.transaction(async (tx) => {
    if (forgotten) await tx.proofs.forget(forgotten);
    await tx.outbox.settle(mail.id, lease);
  });
}

/** A mail that the mailer accepted. */
export interface Sent extends Waiting {
  readonly letter: Letter;
  readonly forgotten: Decision["forgotten"];
}

/**
 * Deletes a mail that went out, and records it in the same transaction. A user who was deleted meanwhile must not undo
 * it, or the mail would go out again: then the event has a pseudonym alone.
 */
export async function settleSent(ctx: Context, sent: Sent): Promise<void> {
  const { user } = sent.letter;
  try {
    await settleAs(ctx, sent);
  } catch (error) {
    if (!user || (await ctx.store.users.find(user.id))) throw error;
    await settleAs(ctx, { ...sent, letter: { ...sent.letter, user: null } });
  }
}

async function settleAs(ctx: Context, { mail, lease, data, letter, forgotten }: Sent): Promise<void> {
  await commitEvent(ctx, { type: "mail", client: askerOf(data) }, async (tx) => {
    if (letter.proof) await tx.proofs.markSent(letter.proof.id, ctx.clock.now());
    if (forgotten) await tx.proofs.forget(forgotten);
    // False: the claim ran out, and another worker has the mail. It records what it does with it.
    const isOurs = await tx.outbox.settle(mail.id, lease);
    return isOurs ? { ...nameReader(ctx, mail, letter), reason: letter.kind } : null;
  });
}
