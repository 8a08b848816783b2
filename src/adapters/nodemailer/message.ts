import { deliveryAddress } from "../../domain/email.ts";
import { isHeaderLine } from "../../lib/text.ts";
import type { Mail } from "../../ports/mailer.ts";
import { unfit } from "./mail-failure.ts";
import type { Sender } from "./options.ts";

/** What nodemailer gets: addresses as objects, since it reads a text as a list of addresses. */
export interface Message {
  readonly from: Sender;
  readonly to: Sender;
  readonly envelope: { readonly from: string; readonly to: string[] };
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Record<string, string>;
  readonly xMailer: false;
  readonly disableFileAccess: true;
  readonly disableUrlAccess: true;
}

const ID = /^[\w-]{1,64}$/;
/** The headers that a mail may bring. All others are written here or by nodemailer. */
const OWN_HEADER = /^(?:auto-submitted|content-language|feedback-id|list-[a-z-]{1,32}|x-[a-z\d-]{1,62})$/i;

/** Makes the message. A mail that could reach two people, or bring a header of another's choice, is refused for good. */
export function messageOf(from: Sender, mail: Mail): Message {
  if (!isFit(mail)) throw unfit();
  const { id, to, subject, text, html, headers } = mail;
  return {
    from,
    to: { name: "", address: to },
    envelope: { from: from.address, to: [to] },
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf("@") + 1)}>`,
    subject,
    text,
    html,
    headers: withAutoSubmitted(headers),
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Out-of-office programs must not answer. */
function withAutoSubmitted(headers: Mail["headers"]): Record<string, string> {
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "auto-submitted");
  return { ...Object.fromEntries(others), "Auto-Submitted": "auto-generated" };
}

function isFit({ id, to, subject, text, html, headers }: Mail): boolean {
  const texts: readonly unknown[] = [id, to, subject, text, html];
  return (
    texts.every((value) => typeof value === "string") &&
    ID.test(id) &&
    deliveryAddress(to) === to &&
    isHeaderLine(subject) &&
    Object.entries(headers).every(isFitHeader)
  );
}

function isFitHeader([name, value]: readonly [string, unknown]): boolean {
  return OWN_HEADER.test(name) && typeof value === "string" && isHeaderLine(value);
}
