import type { MailContent, MailTemplates, RenderedMail } from "../../api/mail.ts";
import { deliveryAddress } from "../../domain/email.ts";
import type { ReadyMail, RenderMail } from "../../mail-service.ts";
import { renderedProblem } from "./check-rendered.ts";
import { type MailAddressing, mailContent } from "./mail-content.ts";
import { type FoundTemplate, templateFinder } from "./templates.ts";

/** The parsed option `mail`, as far as it decides what mails look like. */
export interface MailRendering extends MailAddressing {
  /** The language of readers whose own has no templates. */
  readonly locale: string;
  /** The application's, laid over the library's. */
  readonly templates: MailTemplates;
}

/** Throws `invalid_configuration` for templates of unknown languages and kinds. */
export function mailRenderer(rendering: MailRendering): RenderMail {
  const find = templateFinder(rendering.templates, rendering.locale);
  return (kind, facts, wanted) => {
    const to = deliveryAddress(facts.to);
    if (to === null) throw new TypeError(`The recipient of a mail ${kind} is not an address`);
    const found = find(kind, wanted);
    const content = mailContent(rendering, { kind, locale: found.locale }, facts);
    return readyMail(to, content, renderChecked(found, content));
  };
}

function renderChecked({ template }: FoundTemplate, content: MailContent): RenderedMail {
  const failed = (problem: string, cause?: unknown): TypeError =>
    new TypeError(`The template ${content.kind} (${content.locale}) failed: ${problem}`, { cause });
  let rendered: RenderedMail;
  try {
    rendered = template(content);
  } catch (cause) {
    throw failed("it threw an error", cause);
  }
  const problem = renderedProblem(rendered);
  if (problem !== null) throw failed(problem);
  return rendered;
}

function readyMail(to: string, content: MailContent, { subject, text, html }: RenderedMail): ReadyMail {
  const { kind, locale, link, code, expiresAt } = content;
  const headers = Object.freeze({ "Auto-Submitted": "auto-generated", "Content-Language": locale });
  return Object.freeze({ kind, to, locale, subject, text, html, headers, link, code, expiresAt });
}
