import type { MailContent, MailWords } from "../../../api/mail.ts";
import type { PlainMail } from "../../../domain/vocabulary.ts";
import { asked, paragraphs } from "./sentences.ts";

type Words = (content: MailContent) => MailWords;
type Answer = Extract<
  PlainMail,
  "signup_taken" | "reset_not_needed" | "unknown_reset" | "email_change_taken"
>;

const IGNORE = "If that was not you, ignore this mail. Nothing has changed.";

/** What is alike in all answers that bring no proof. */
function answer(content: MailContent, words: Omit<MailWords, "outro">): MailWords {
  return { ...words, outro: paragraphs(asked(content, ""), IGNORE) };
}

export const ANSWER_WORDS: Readonly<Record<Answer, Words>> = {
  signup_taken: (content) =>
    answer(content, {
      subject: `You already have an account at ${content.application}`,
      heading: "You already have an account",
      intro: [
        `An account at ${content.application} was requested with this email address. There is one already.`,
        "Sign in with it. If you do not know the password, you can choose a new one there.",
      ],
      button: `Go to ${content.application}`,
    }),
  reset_not_needed: (content) =>
    answer(content, {
      subject: `You sign in to ${content.application} with a passkey`,
      heading: "You sign in with a passkey",
      intro: [
        `A new password for your account at ${content.application} was requested.`,
        "Your account has a passkey and no password, so there is none to replace. Sign in with the passkey.",
      ],
      button: `Go to ${content.application}`,
    }),
  unknown_reset: (content) =>
    answer(content, {
      subject: `No account at ${content.application} has this address`,
      heading: "No account has this address",
      intro: [
        `A new password for an account at ${content.application} was requested with this email address.`,
        "No account has this address. If you have one, it has another address: try that one.",
      ],
      button: `Go to ${content.application}`,
    }),
  email_change_taken: (content) =>
    answer(content, {
      subject: `This address already has an account at ${content.application}`,
      heading: "This address already has an account",
      intro: [
        `An account at ${content.application} was to get this email address. Another account has it already.`,
        "To use the address there, delete this other account first, or change its address.",
      ],
    }),
};
