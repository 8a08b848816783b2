import type { MailSent } from "../api/auth.ts";
import type { Email } from "../api/input-fields.ts";
import type { Context } from "../context.ts";
import type { PresentedDevice } from "../domain/device.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Attempt, Outcome } from "./attempt.ts";
import type { Client } from "./input.ts";
import { countMail, recipientKeys } from "./limits/mail-budgets.ts";
import { type MailedPurpose, newMailProof, type ProofData, requestOf } from "./mail-sent.ts";
import { mailRow } from "./proofs/mail-row.ts";
import { pseudonymOf } from "./record-event.ts";

export interface Ask {
  readonly purpose: MailedPurpose;
  readonly email: Email;
  readonly client: Client;
  /** A known device of the address, by its token. */
  readonly device?: PresentedDevice | null | undefined;
  /** What the confirmation needs. */
  readonly data?: ProofData | undefined;
}

/**
 * The one place that stores what a stranger asks for by an address: a proof, a mail that waits, and the event. It never
 * reads a user, so it is the same for every address. The postman finds out later which mail to send, if any. The event
 * has the pseudonym of the address, for known addresses too. Only then can its caller not fill an owner's trail.
 *
 * Beyond the budget of the address it stores the same rows. The mail then only keeps an earlier link alive.
 */
export async function askByMail(ctx: Context, trying: Attempt, ask: Ask): Promise<MailSent> {
  const { purpose, email, client, device, data } = ask;
  const keys = recipientKeys(ctx, email.canonical);
  const counted = await countMail(ctx, purpose, { keys, device });
  const { isWithin } = counted;
  const { proof, sent } = newMailProof(ctx, { purpose, email, user: null, data });
  const mail = mailRow(ctx, {
    kind: purpose,
    recipient: email.typed,
    proofId: proof.id,
    data: requestOf(client, { isOverBudget: !isWithin }),
  });
  const attemptedEmail = pseudonymOf(ctx, email.canonical);
  const store = async (tx: AuthStore): Promise<Outcome> => {
    await tx.proofs.open(proof);
    await tx.outbox.put([mail]);
    return { ...ASKED, attemptedEmail, data: beyond(isWithin) };
  };
  await trying.commit(store, [counted]);
  return sent;
}

/** What the event of an ask says: nothing is done before the mail is answered. */
export const ASKED = { outcome: "challenged", reason: "email" } as const;

export function beyond(isWithin: boolean): Outcome["data"] {
  return isWithin ? undefined : { limit: "account" };
}
