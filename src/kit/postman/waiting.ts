import type { LeaseId } from "../../domain/ids.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import { MAIL_KINDS, type MailKind } from "../../domain/vocabulary.ts";
import { type MailData, readMailData } from "../proofs/mail-row.ts";

/** A mail that this worker claimed. */
export interface ClaimedMail {
  readonly mail: QueuedMail;
  readonly lease: LeaseId;
}

/** The same, with what is stored in it. */
export interface Waiting extends ClaimedMail {
  readonly kind: MailKind;
  readonly data: MailData;
}

/** Reads a claimed mail. Null: it is of a newer release. */
export function readWaiting({ mail, lease }: ClaimedMail): Waiting | null {
  const kind = MAIL_KINDS.find((known) => known === mail.kind);
  if (!kind) return null;
  try {
    return { mail, lease, kind, data: readMailData(mail) };
  } catch {
    return null;
  }
}
