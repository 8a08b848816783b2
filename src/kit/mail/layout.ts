import type { MailContent, MailWords, RenderedMail } from "../../api/mail.ts";
import { misconfigured } from "../../errors.ts";
import { layoutHtml } from "./layout-html.ts";
import { layoutText } from "./layout-text.ts";

/**
 * Lays the words of a mail out, as the library's own mails are: as text and as HTML, for light and dark screens, with the
 * link, the text to paste and the code in their places. Use it to write the mails in your language.
 *
 * Throws `invalid_configuration` if the content has a code or a proof, and the words have no sentence for it.
 *
 * @example
 * ```ts
 * import { layoutMail, type MailTemplates } from "sallyport";
 *
 * const templates: MailTemplates = {
 *   de: {
 *     sign_in: (content) =>
 *       layoutMail(content, {
 *         subject: `Anmelden bei ${content.application}`,
 *         heading: "Anmelden",
 *         intro: ["Mit dieser Mail melden Sie sich an."],
 *         button: "Anmelden",
 *         code: "Oder geben Sie diesen Code ein:",
 *         paste: `Der Knopf geht nicht? Öffnen Sie ${content.page} und fügen Sie diese Zeile ein:`,
 *         outro: ["Geben Sie den Code niemandem.", "Das waren nicht Sie? Löschen Sie diese Mail."],
 *       }),
 *   },
 * };
 * ```
 */
export function layoutMail(content: MailContent, words: MailWords): RenderedMail {
  const missing = [
    content.code !== null && !words.code ? "code" : null,
    content.link !== null && !words.paste ? "paste" : null,
    content.link !== null && !words.button ? "button" : null,
  ].filter((name) => name !== null);
  if (missing.length > 0)
    throw misconfigured(`layoutMail: the words of ${content.kind} lack ${missing.join(", ")}`);
  return { subject: words.subject, text: layoutText(content, words), html: layoutHtml(content, words) };
}
