import type { DeadMail, DeadMailPage, DeadMailPageInput } from "../../api/mail-api.ts";
import { deadMailPageInput } from "../../api/mail-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import { parseCallOptions } from "../../kit/input.ts";

/** Returns a page of the mail that was given up, newest first. */
export async function listDeadMail(
  ctx: Context,
  { input }: Pick<OpenRequest<DeadMailPageInput>, "input">,
): Promise<DeadMailPage> {
  const { limit, cursor: before } = parseCallOptions(deadMailPageInput, input);
  // The query reads one more mail than the page holds, to see whether there is a next page.
  const found = await ctx.store.outbox.listDead({ before, limit: limit + 1 });
  const page = found.slice(0, limit);
  const nextCursor = found.length > limit ? (page.at(-1)?.id ?? null) : null;
  return { mails: await Promise.all(page.map((mail) => toDeadMail(ctx, mail))), nextCursor };
}

async function toDeadMail(ctx: Context, mail: QueuedMail): Promise<DeadMail> {
  const { id, kind, attempts, createdAt, deadAt } = mail;
  return { id, kind, recipient: await recipientOf(ctx, mail), attempts, createdAt, diedAt: deadAt as Date };
}

/** Who asked for a mail again did not say to which address. Its proof knows, as long as the proof is kept. */
async function recipientOf(ctx: Context, { recipient, proofId, createdAt }: QueuedMail): Promise<string> {
  if (recipient !== "" || !proofId) return recipient;
  return (await ctx.store.proofs.find(proofId, createdAt))?.email ?? "";
}
