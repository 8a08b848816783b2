import type { CredentialKind } from "../domain/credential.ts";
import type { DeviceName } from "../domain/device-name.ts";
import type { MailKind } from "../domain/vocabulary.ts";

export type { BrowserName, DeviceName, SystemName } from "../domain/device-name.ts";

/** Who asked for what a mail is about. Nothing here is text of a stranger's choice. */
export interface MailRequest {
  readonly at: Date;
  /** The client address in its one spelling. Null: unknown. */
  readonly ip: string | null;
  readonly device: DeviceName;
}

/** What happened to a way to sign in. */
export interface FactorChange {
  readonly kind: CredentialKind;
  readonly change: "added" | "removed" | "replaced";
}

/**
 * What a template may say. Each value comes from the configuration, from the library, or from a closed list. The
 * address of the recipient is not here: a stranger can choose it, with any words in front of the `@`.
 */
export interface MailContent {
  readonly kind: MailKind;
  /** The language to write in, as it is named in the templates: `de`. */
  readonly locale: string;
  /** The name of the application: `mail.name`. */
  readonly application: string;
  /** The page of the application that answers links: `mail.page`. */
  readonly page: string;
  /** The host of that page. */
  readonly host: string;
  /** The page with the proof. Null: this mail brings no proof. */
  readonly link: string | null;
  /** The same proof as a text, to paste on the page: some mail gateways change links. Null: this mail brings no proof. */
  readonly token: string | null;
  /** A text of digits, to type on the page. Null: this mail brings no code. */
  readonly code: string | null;
  /** When the link ends. For `deletion_undo` this is when the account is deleted. Null: this mail brings no proof. */
  readonly expiresAt: Date | null;
  /** When the code alone no longer counts. Null: this mail brings no code. */
  readonly codeExpiresAt: Date | null;
  /** Null: an operator, or the application itself. */
  readonly request: MailRequest | null;
  /** Only for `factor_changed`: what happened. */
  readonly factor: FactorChange | null;
  /**
   * Whether the account was taken back: its address was not proven before, so the password, passkeys, linked accounts and
   * sessions that it had were removed. Say it, or the owner looks for them in vain.
   */
  readonly reclaimed: boolean;
  /** Whether this is the last notice of the day, so that later changes come without one. */
  readonly isLast: boolean;
}

/** What a template makes. The library checks it: a subject of one line, and both texts. */
export interface RenderedMail {
  /** 1 to 120 characters, without control characters. */
  readonly subject: string;
  readonly text: string;
  /** A whole HTML document. Escape what you put into it, or use `layoutMail`. */
  readonly html: string;
}

/** Writes one kind of mail in one language. If it throws, or makes no mail, the delivery fails and is tried again. */
export type MailTemplate = (content: MailContent) => RenderedMail;

/** Templates of the application, by language (a BCP 47 tag) and kind. What is missing is taken from the next language. */
export type MailTemplates = Readonly<Record<string, Readonly<Partial<Record<MailKind, MailTemplate>>>>>;

/** The words of a mail, for `layoutMail`. Each is plain text; the layout escapes it. */
export interface MailWords {
  readonly subject: string;
  readonly heading: string;
  /** Paragraphs above the button: what this is about. */
  readonly intro: readonly string[];
  /** The label of the button. It leads to the link; without a link, to the page. Default: no button. */
  readonly button?: string | undefined;
  /** The sentence above the code. Required if the mail brings a code. */
  readonly code?: string | undefined;
  /** The sentence above the text to paste. Required if the mail brings a proof. */
  readonly paste?: string | undefined;
  /** Paragraphs below: until when, who asked, and what to do if it was not the reader. */
  readonly outro: readonly string[];
}
