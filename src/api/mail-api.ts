import type { MailId } from "../domain/ids.ts";
import type { ClientInfo, ResendInput } from "./inputs.ts";
import type { MailSent } from "./results.ts";

/**
 * `auth.mail`: the mails of the library. `resend` is for users. All other calls are for operators: your application
 * decides who may call them.
 */
export interface MailApi {
  /** Whether there is a `mailer`. Without it, every call that sends mail is `invalid_configuration`. */
  readonly enabled: boolean;
  /**
   * Sends the mail of a challenge again, with the same link and code. The answer is the same whether the mail still
   * counts or not. At most three times for one mail.
   *
   * Codes: `invalid_input`, `invalid_code` (the token is forged or too old), `rate_limited` (the client's address only),
   * `unavailable`.
   *
   * @example
   * ```ts
   * await auth.mail.resend({ challengeToken }, { ip, userAgent });
   * ```
   */
  resend(input: ResendInput, client: ClientInfo): Promise<MailSent>;
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
  /** Empty: it was asked for again, and its proof is gone. */
  readonly recipient: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly diedAt: Date;
}
