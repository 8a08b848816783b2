import type { MailContent, MailTemplate, MailWords } from "../../../api/mail.ts";
import { MAIL_KINDS, type MailKind } from "../../../domain/vocabulary.ts";
import { layoutMail } from "../layout.ts";
import { ANSWER_WORDS } from "./answers.ts";
import { NOTICE_WORDS } from "./notices.ts";
import { PROOF_WORDS } from "./proofs.ts";

const WORDS: Readonly<Record<MailKind, (content: MailContent) => MailWords>> = {
  ...PROOF_WORDS,
  ...ANSWER_WORDS,
  ...NOTICE_WORDS,
};

/** The library's own mails. Each kind has one, so that the search for a template always ends here. */
export const ENGLISH: Readonly<Record<MailKind, MailTemplate>> = Object.fromEntries(
  MAIL_KINDS.map((kind) => [kind, (content: MailContent) => layoutMail(content, WORDS[kind](content))]),
) as Record<MailKind, MailTemplate>;
