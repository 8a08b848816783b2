import type { Context } from "../../context.ts";
import type { LeaseId } from "../../domain/ids.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { MailService } from "../../mail-service.ts";
import { type DeliveryResult, deliverOne, release } from "./deliver-one.ts";
import { type ClaimedMail, readWaiting } from "./waiting.ts";

interface Batch {
  readonly mails: readonly QueuedMail[];
  readonly lease: LeaseId;
  /** Whether further mails may be begun. */
  isOpen(): boolean;
}

interface BatchResult {
  readonly sent: number;
  readonly failed: number;
}

/**
 * Delivers claimed mails, all at once. Those beyond the budget of their address come afterwards, one by one: each has to
 * see whether the one before it went out, or a flood of requests would become a flood of mails. If the store fails, it
 * throws once all are through: mails that it could not settle are due again when their claim runs out.
 */
export async function deliverBatch(
  ctx: Context,
  service: MailService,
  { mails, lease, isOpen }: Batch,
): Promise<BatchResult> {
  const claimed = mails.map((mail): ClaimedMail => ({ mail, lease }));
  const isLate = (one: ClaimedMail): boolean => readWaiting(one)?.data.isOverBudget === true;
  const deliver = (one: ClaimedMail): Promise<DeliveryResult> =>
    isOpen() ? deliverOne(ctx, service, one) : release(ctx, one);
  const results = await Promise.allSettled(claimed.filter((one) => !isLate(one)).map(deliver));
  for (const one of claimed.filter(isLate)) results.push(...(await Promise.allSettled([deliver(one)])));
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  const count = (wanted: DeliveryResult): number =>
    results.filter((result) => result.status === "fulfilled" && result.value === wanted).length;
  return { sent: count("sent"), failed: count("failed") };
}
