import type { MailSent } from "../api/auth.ts";
import type { Asking, Context } from "../context.ts";
import type { User } from "../domain/user.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Refund } from "./limits/count.ts";
import { countMail, recipientKeys } from "./limits/mail-budgets.ts";
import { type MailedPurpose, newMailProof, type ProofData, requestOf } from "./mail-sent.ts";
import { mailRow } from "./proofs/mail-row.ts";

export interface UserMail {
  readonly purpose: MailedPurpose;
  /** The purpose under which the mail counts. Default: its own. */
  readonly countsAs?: MailedPurpose | undefined;
  readonly user: User;
  readonly client: Asking["client"];
  readonly data?: ProofData | undefined;
}

export interface PreparedMail {
  readonly sent: MailSent;
  readonly isWithin: boolean;
  /** For a transaction that does not come to be. */
  readonly refund: Refund;
  /** Stores the proof and the mail, in the transaction of what they belong to. */
  write(tx: AuthStore): Promise<void>;
}

/**
 * Prepares a mail with a proof to a user that the caller knows: a session, or a right password, named them. The proof
 * is bound to the user and their epoch. Beyond the budget of the address there is a proof, and no mail.
 */
export async function prepareUserMail(ctx: Context, wanted: UserMail): Promise<PreparedMail> {
  const { purpose, countsAs = purpose, user, client, data } = wanted;
  const email = { typed: user.email, canonical: user.emailCanonical };
  const { isWithin, refund } = await countMail(ctx, countsAs, { keys: recipientKeys(ctx, email.canonical) });
  const { proof, sent } = newMailProof(ctx, { purpose, email, user, data });
  const mail = mailRow(ctx, {
    kind: purpose,
    recipient: user.email,
    proofId: proof.id,
    data: requestOf(client),
  });
  return {
    sent,
    isWithin,
    refund,
    async write(tx) {
      await tx.proofs.open(proof);
      if (isWithin) await tx.outbox.put([mail]);
    },
  };
}
