import type { MailKind } from "../domain/vocabulary.ts";

export type { MailKind, PlainMail } from "../domain/vocabulary.ts";

/** One mail, ready to be sent. It was checked: it has one recipient, a subject of one line, and both texts. */
export interface Mail {
  /** The same at each retry. Pass it on as idempotency key. A UUID. */
  readonly id: string;
  readonly kind: MailKind;
  /** The address of the recipient: ASCII, the domain in punycode, the rest as it was typed. It is never a list. */
  readonly to: string;
  /** The language of the texts, as a BCP 47 tag: `de`. */
  readonly locale: string;
  /** One line of at most 120 characters, without control characters. */
  readonly subject: string;
  readonly text: string;
  /** A whole HTML document. It loads nothing. */
  readonly html: string;
  /** Further headers to send: that a program wrote the mail, and in which language. */
  readonly headers: Readonly<Record<string, string>>;
  /** The link of the proof. Who has it is half way in: never log it. Null: the mail brings no proof. */
  readonly link: string | null;
  /** The code of the proof, a text of digits. The same holds. Null: the mail brings no code. */
  readonly code: string | null;
  /** When the link ends. A mailer may drop a mail that is too late. Null: the mail brings no proof. */
  readonly expiresAt: Date | null;
}

/**
 * Sends mails: by SMTP, by the interface of a mail service, or into a queue of the application.
 *
 * `send` resolves once the mail is accepted, and never earlier. It rejects if the mail was not accepted, or might not
 * have been: the mail is then sent again later, with the same `id`. An error with `permanent: true` says that this mail
 * will never be accepted: it is not sent again. Of an error, only `code` and `responseCode` are kept.
 *
 * It sends to `mail.to` alone. It may be called for several mails at once. A call that takes longer than 30 seconds
 * counts as failed.
 *
 * @example
 * ```ts
 * import type { Mailer } from "sallyport";
 *
 * const mailer: Mailer = {
 *   async send({ id, to, subject, text, html, headers }) {
 *     const response = await fetch("https://api.mails.example/send", {
 *       method: "POST",
 *       headers: { "content-type": "application/json", "idempotency-key": id },
 *       body: JSON.stringify({ from: "auth@acme.example", to: [to], subject, text, html, headers }),
 *       signal: AbortSignal.timeout(20_000),
 *     });
 *     if (response.ok) return;
 *     const permanent = response.status === 422;
 *     throw Object.assign(new TypeError("The mail was refused"), { permanent });
 *   },
 * };
 * ```
 */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  /** Ends connections. What is still being sent rejects. */
  close?(): Promise<void>;
}

/** Why a mail was not accepted. Any error may have these fields. */
export interface MailFailure {
  /** Whether it is useless to send this mail again. Default: false. */
  readonly permanent?: boolean | undefined;
  /** A word for operators: `ETLS`, `EENVELOPE`. */
  readonly code?: string | undefined;
  /** The status of the SMTP answer: 550. */
  readonly responseCode?: number | undefined;
}
