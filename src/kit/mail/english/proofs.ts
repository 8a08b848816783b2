import type { MailContent, MailWords } from "../../../api/mail.ts";
import type { ProofPurpose } from "../../../domain/vocabulary.ts";
import { asked, ends, keep, moment, paragraphs, pasteLine } from "./sentences.ts";

type Words = (content: MailContent) => MailWords;

const BY_APPLICATION = "The operators of this service asked for it.";
const HERE = "Or type this code on the page where you began:";

/** Where link and code count together. */
const openLink = ({ code }: MailContent): string =>
  code === null ? "Open the link." : "Open the link, and type the code there.";

/** What is alike in all mails that bring a proof: until when, to keep it, who asked, and what if it was not the reader. */
function proof(content: MailContent, words: Omit<MailWords, "outro" | "paste">, ifNotYou: string): MailWords {
  return {
    ...words,
    paste: pasteLine(content),
    outro: paragraphs(ends(content), keep(content), asked(content, BY_APPLICATION), ifNotYou),
  };
}

export const PROOF_WORDS: Readonly<Record<ProofPurpose, Words>> = {
  signup: (content) =>
    proof(
      content,
      {
        subject: `Confirm your email address for ${content.application}`,
        heading: "Confirm your email address",
        intro: [
          `An account at ${content.application} was requested with this email address.`,
          "Confirm that the address is yours, and the account is ready.",
        ],
        button: "Confirm the address",
        code: HERE,
      },
      "If that was not you, ignore this mail. Without your confirmation there is no account.",
    ),
  sign_in: (content) =>
    proof(
      content,
      {
        subject: `Sign in to ${content.application}`,
        heading: `Sign in to ${content.application}`,
        intro: ["Open the link in the browser where you began, and you are signed in."],
        button: "Sign in",
        code: "On another device, type this code as well:",
      },
      "If that was not you, ignore this mail. Your account stays as it is.",
    ),
  login: (content) =>
    proof(
      content,
      {
        subject: `Confirm your sign-in to ${content.application}`,
        heading: "Confirm your sign-in",
        intro: ["The right password was entered. One more step proves that it was you."],
        button: "Confirm the sign-in",
        code: HERE,
      },
      `If that was not you, another person knows your password. Choose a new one now: ${content.page}`,
    ),
  password_reset: (content) =>
    proof(
      content,
      {
        subject: `Choose a new password for ${content.application}`,
        heading: "Choose a new password",
        intro: [
          content.request === null
            ? `Your account at ${content.application} needs a new password. The old one no longer works.`
            : `A new password for your account at ${content.application} was requested.`,
        ],
        button: "Choose a new password",
        code: HERE,
      },
      content.request === null ? "" : "If that was not you, ignore this mail. Your password stays as it is.",
    ),
  email_verification: (content) =>
    proof(
      content,
      {
        subject: `Confirm your email address for ${content.application}`,
        heading: "Confirm your email address",
        intro: [`Your account at ${content.application} uses this address. Confirm that it is yours.`],
        button: "Confirm the address",
        code: "Or type this code where you are signed in:",
      },
      "If you have no account there, ignore this mail. The address then stays unconfirmed.",
    ),
  email_change: (content) =>
    proof(
      content,
      {
        subject: `Confirm your new email address for ${content.application}`,
        heading: "Confirm your new email address",
        intro: [`An account at ${content.application} is to use this address from now on.`],
        button: "Confirm the address",
        code: "Or type this code where you are signed in:",
      },
      "If that was not you, ignore this mail. The account then keeps its old address.",
    ),
  email_revert: (content) =>
    proof(
      content,
      {
        subject: `Your email address at ${content.application} was changed`,
        heading: "Your email address was changed",
        intro: [
          `Your account at ${content.application} now uses another email address. Mails no longer come here.`,
          `If you did not change it, undo the change now. ${openLink(content)}`,
        ],
        button: "Undo the change",
        code: "The code for that page:",
      },
      "Undoing it also removes the password and ends all sessions. Then you choose a new password.",
    ),
  invitation: (content) =>
    proof(
      content,
      {
        subject: `Your invitation to ${content.application}`,
        heading: `Welcome to ${content.application}`,
        intro: ["An account was made for you. Choose a password, and it is yours."],
        button: "Choose a password",
        code: HERE,
      },
      "If you did not expect this, ignore this mail. Without a password the account cannot be used.",
    ),
  deletion_undo: (content) =>
    proof(
      content,
      {
        subject: `Your account at ${content.application} will be deleted`,
        heading: "Your account will be deleted",
        intro: [
          `Your account at ${content.application} will be deleted${content.expiresAt === null ? "" : ` on ${moment(content.expiresAt)}`}.`,
          `Until then you can keep it. ${openLink(content)}`,
        ],
        button: "Keep the account",
        code: "The code for that page:",
      },
      "If you did not ask for the deletion, keep the account, and then choose a new password.",
    ),
};
