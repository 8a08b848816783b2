import type { FactorChange, MailRequest } from "./api/mail.ts";
import type { MailSettings } from "./config/mail.ts";
import type { MailKind } from "./domain/vocabulary.ts";
import type { Mail, Mailer } from "./ports/mailer.ts";

/** What an application with a mailer has: how its mails look, and what sends them. */
export interface MailService {
  readonly settings: MailSettings;
  readonly mailer: Mailer;
  readonly render: RenderMail;
  readonly outage: MailOutage;
}

/** Is told how each mail ended, and tells the operator of an outage. */
export interface MailOutage {
  accepted(): void;
  /** `cause`: the code and the status of the failure, and none of its words. */
  failed(cause: object): void;
}

/**
 * Makes one mail: finds the template for the language, calls it, and checks what it made. `locale`: the language of the
 * reader, as a BCP 47 tag of any origin. Throws a `TypeError` if the template throws or makes no mail: the delivery has
 * failed.
 */
export type RenderMail = (kind: MailKind, facts: MailFacts, locale: string | null) => ReadyMail;

/** A mail without the id that it has in the outbox. */
export type ReadyMail = Omit<Mail, "id">;

/** What only the sender knows of a mail. */
export interface MailFacts {
  /** The address of the recipient. */
  readonly to: string;
  /** Required for the kinds of `PROOF_PURPOSES`, and only for them. */
  readonly proof?: MailProof | null | undefined;
  /** Who asked. Null: an operator, or the application. */
  readonly request?: MailRequest | null | undefined;
  readonly factor?: FactorChange | null | undefined;
  readonly reclaimed?: boolean | undefined;
  readonly isLast?: boolean | undefined;
}

/** The proof that a mail brings. */
export interface MailProof {
  /** The token of the link, in base64url, without purpose and page. */
  readonly link: string;
  /** A text of digits. Null: the link alone. */
  readonly code: string | null;
  readonly expiresAt: Date;
  /** When the code alone no longer counts. Null: with the link, or no code. */
  readonly codeExpiresAt: Date | null;
}
