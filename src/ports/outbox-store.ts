import type { LeaseId, MailId } from "../domain/ids.ts";
import type { QueuedMail } from "../domain/queued-mail.ts";

/**
 * Mail that waits to be sent. A flow stores it in the transaction that the mail tells of, and workers in any number of
 * processes send it. A worker that claimed a mail has it until the claim runs out. Then another one may claim it.
 */
export interface OutboxStore {
  /** Stores all mails or none. */
  put(mails: readonly QueuedMail[]): Promise<void>;
  /**
   * Claims mails of one application that are due, the longest due first. Each moves its `dueAt` to `until`, counts the
   * attempt, and gets the lease. Answers the mails that it won, as they then are. Of N parallel callers one has a mail until `until`.
   *
   * It is one write for each mail. After a failure some mails may be claimed: they are due again at `until`.
   */
  claim(claim: MailClaim): Promise<readonly QueuedMail[]>;
  /** Deletes a mail. False: another claim has it, or it is settled, postponed or given up. */
  settle(id: MailId, lease: LeaseId): Promise<boolean>;
  /** Ends the claim: the mail is due again at `dueAt`. False: as `settle`. */
  postpone(id: MailId, lease: LeaseId, dueAt: Date): Promise<boolean>;
  /** Gives the mail up: no claim gets it. False: as `settle`. */
  bury(id: MailId, lease: LeaseId, at: Date): Promise<boolean>;
  /** The `dueAt` of the mail that has been due for longest, of any application. Null: no mail is due. */
  oldest(now: Date): Promise<Date | null>;
  /** Mail that was given up, newest first, in pages by id. */
  listDead(query: DeadMailQuery): Promise<readonly QueuedMail[]>;
  /** Lets a mail that was given up be due at `now`, with no attempt counted. False: it is unknown, or not given up. */
  revive(id: MailId, now: Date): Promise<boolean>;
}

export interface MailClaim {
  /** Mail of this application alone: it makes the links, and its page answers them. */
  readonly audience: string;
  /** Mail that is due at this moment or earlier. */
  readonly now: Date;
  readonly until: Date;
  /** The most mails. */
  readonly limit: number;
  /** A new id for each call. */
  readonly lease: LeaseId;
}

export interface DeadMailQuery {
  /** Only mail older than this one. */
  readonly before?: MailId | undefined;
  readonly limit: number;
}
