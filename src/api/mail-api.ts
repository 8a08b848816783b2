import type { MailId } from "../domain/ids.ts";

/** `auth.mail`: what operators do with mail. Your application decides who may call it. */
export interface MailApi {
  /** Whether there is a `mailer`. */
  readonly enabled: boolean;
  /**
   * Sends what waits and is due, five mails at a time, until no mail is due. With `mail.delivery: "manual"` nothing else
   * does. Call it from any number of processes: each mail is sent by one of them. After a crash a mail may be sent twice,
   * with the same `id`.
   *
   * Codes: `invalid_input` (`maxMs`), `invalid_configuration` (there is no mailer), `unavailable`.
   *
   * @example
   * ```ts
   * const { sent, failed, more } = await auth.mail.deliver({ maxMs: 20_000 });
   * if (more) console.log(`Sent ${sent}, ${failed} failed for now, and there is more.`);
   * ```
   */
  deliver(options?: DeliverOptions): Promise<Delivered>;
  /**
   * Lists the mail that was given up, newest first.
   *
   * Codes: `invalid_input`, `unavailable`.
   *
   * @example
   * ```ts
   * const { mails } = await auth.mail.dead();
   * for (const { id, kind, diedAt } of mails) console.log(id, kind, diedAt);
   * ```
   */
  dead(page?: DeadMailPageInput): Promise<DeadMailPage>;
  /**
   * Lets a mail that was given up be sent again. If its link has ended meanwhile, nothing is sent.
   *
   * Codes: `not_found`, `unavailable`.
   *
   * @example
   * ```ts
   * const { mails } = await auth.mail.dead();
   * for (const { id } of mails) await auth.mail.retry(id);
   * ```
   */
  retry(id: string): Promise<void>;
}

export interface DeliverOptions {
  /** No further mails are begun after this many whole milliseconds. The first ones always are. Default: no bound. */
  readonly maxMs?: number | undefined;
}

export interface Delivered {
  /** Mails that the mailer accepted. */
  readonly sent: number;
  /** Mails that it did not accept: they are sent again later, or were given up. */
  readonly failed: number;
  /** The time was over: there may be mail that is due. */
  readonly more: boolean;
}

export interface DeadMailPageInput {
  /** Mails on a page, 1 to 100. Default 20. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

export interface DeadMailPage {
  readonly mails: readonly DeadMail[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** A mail that was given up. */
export interface DeadMail {
  readonly id: MailId;
  /** What it was asked for: `password_reset`. */
  readonly kind: string;
  readonly recipient: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly diedAt: Date;
}
