import type { RenderedMail } from "../../api/mail.ts";
import { isHeaderLine } from "../../lib/text.ts";

const MAX_SUBJECT = 120;

/** What is wrong with what a template made. Null: nothing. */
export function renderedProblem(rendered: unknown): string | null {
  const { subject, text, html } = Object(rendered) as Partial<RenderedMail>;
  if (typeof subject !== "string" || subject.trim() === "") return "there is no subject";
  if (subject.length > MAX_SUBJECT) return `the subject has more than ${MAX_SUBJECT} characters`;
  if (!isHeaderLine(subject)) return "the subject has a control character";
  if (!isFilled(text)) return "there is no text";
  return isFilled(html) ? null : "there is no html";
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
