import type { FactorChange, MailContent, MailWords } from "../../../api/mail.ts";
import type { CredentialKind } from "../../../domain/credential.ts";
import type { PlainMail } from "../../../domain/vocabulary.ts";
import { origin, paragraphs } from "./sentences.ts";

type Words = (content: MailContent) => MailWords;
type Notice = Extract<
  PlainMail,
  | "email_change_requested"
  | "email_changed"
  | "email_reverted"
  | "new_device"
  | "password_changed"
  | "factor_changed"
  | "session_reuse"
  | "account_deleted"
>;

const RECLAIMED =
  "The address of this account was never confirmed before. So what it had was removed: its password, passkeys, linked accounts and sessions.";
const LAST = "This is the last notice today. Further changes today come without a notice.";

/** What is alike in all notices: from where it came, and what if it was not the reader. */
function notice(content: MailContent, words: Omit<MailWords, "outro">, ifNotYou: string): MailWords {
  const from = content.request === null ? "" : `This came from ${origin(content)}.`;
  const intro = paragraphs(...words.intro, content.reclaimed ? RECLAIMED : null, from, ifNotYou);
  return { ...words, intro, outro: paragraphs(content.isLast ? LAST : null) };
}

const newPassword = ({ page }: MailContent): string =>
  `If that was not you, choose a new password now: ${page}`;
const tellUs = ({ application }: MailContent): string =>
  `If that was not you, write to ${application} at once.`;

export const NOTICE_WORDS: Readonly<Record<Notice, Words>> = {
  email_change_requested: (content) =>
    notice(
      content,
      {
        subject: `A new email address for ${content.application} was requested`,
        heading: "A new email address was requested",
        intro: [
          `Your account at ${content.application} is to use another email address.`,
          "The change waits for a confirmation from the new address.",
        ],
      },
      newPassword(content),
    ),
  email_changed: (content) =>
    notice(
      content,
      {
        subject: `Your email address at ${content.application} was changed`,
        heading: "Your email address was changed",
        intro: [
          `Your account at ${content.application} now uses another email address. Mails no longer come here.`,
        ],
      },
      tellUs(content),
    ),
  email_reverted: (content) =>
    notice(
      content,
      {
        subject: `The email address of an account at ${content.application} was changed back`,
        heading: "The email address was changed back",
        intro: [
          "The last change of the email address was undone. The account has its earlier address again.",
          "Its password was removed, and all its sessions ended. The owner of the earlier address can choose a new password.",
        ],
        button: `Go to ${content.application}`,
      },
      "",
    ),
  new_device: (content) =>
    notice(
      content,
      {
        subject: `New sign-in to ${content.application}`,
        heading: "New sign-in",
        intro: [`Your account at ${content.application} was used on a new device.`],
      },
      newPassword(content),
    ),
  password_changed: (content) =>
    notice(
      content,
      {
        subject: `Your password for ${content.application} was changed`,
        heading: "Your password was changed",
        intro: [`Your account at ${content.application} has a new password. All other sessions were ended.`],
      },
      newPassword(content),
    ),
  factor_changed: (content) =>
    notice(
      content,
      {
        subject: `How you sign in to ${content.application} was changed`,
        heading: "How you sign in was changed",
        intro: [`${factorText(content.factor)} This is about your account at ${content.application}.`],
      },
      newPassword(content),
    ),
  session_reuse: (content) =>
    notice(
      content,
      {
        subject: `A session at ${content.application} was ended`,
        heading: "A session was ended",
        intro: [
          `Two devices used one session of your account at ${content.application}. One of them may be a thief's, so we ended it.`,
          "Sign in again. If it happens often, choose a new password.",
        ],
      },
      "",
    ),
  account_deleted: (content) =>
    notice(
      content,
      {
        subject: `Your account at ${content.application} was deleted`,
        heading: "Your account was deleted",
        intro: [`Your account at ${content.application} was deleted. It cannot be used any more.`],
      },
      tellUs(content),
    ),
};

const FACTORS: Readonly<Record<CredentialKind, readonly [name: string, be: string]>> = {
  password: ["A password", "was"],
  totp: ["An authenticator app", "was"],
  recovery_codes: ["Recovery codes", "were"],
  passkey: ["A passkey", "was"],
  oauth: ["An account of another service", "was"],
};

/** `A passkey was added.` */
function factorText(factor: FactorChange | null): string {
  if (factor === null) return "A way to sign in was changed.";
  const [name, be] = FACTORS[factor.kind];
  return `${name} ${be} ${factor.change}.`;
}
