import type { LeaseId, MailId, ProofId } from "./ids.ts";

/** A row of `auth_outbox`: a mail that waits to be sent, or one that was given up. */
export interface QueuedMail {
  readonly id: MailId;
  /** The kind of the mail, one of the library's own words. */
  readonly kind: string;
  /** The `audience` of the application that stored the mail. Only this application sends it. */
  readonly audience: string;
  /** The address of the mail. Empty: only its proof knows the address. */
  readonly recipient: string;
  /** The proof whose link and code the mail has. The mail may outlive it. */
  readonly proofId: ProofId | null;
  /** JSON: what the mail says besides. No secret. */
  readonly data: string;
  /** How often the mail was claimed. */
  readonly attempts: number;
  /** The claim that has the mail. Null: no claim has it. */
  readonly lease: LeaseId | null;
  /** From then on the mail can be claimed. */
  readonly dueAt: Date;
  /** When the mail was given up. Null: it waits. */
  readonly deadAt: Date | null;
  readonly createdAt: Date;
}
