import type { DeviceName, MailContent } from "../../../api/mail.ts";
import { once } from "../../../lib/once.ts";

// At the first mail: to load the words of a language takes longer than all else of an import.
const formats = once(() => ({
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
  time: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }),
}));

/** `20 November 2026, 14:03 UTC`. The zone of the reader is unknown. */
export function moment(at: Date): string {
  const { day, time } = formats();
  return `${day.format(at)}, ${time.format(at)} UTC`;
}

/** `Firefox on Windows`. */
function deviceText({ browser, system }: DeviceName): string {
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? "an unknown device";
}

/** Where and when it was asked: `Firefox on Windows, address 203.0.113.7, on 20 November 2026, 14:03 UTC`. */
export function origin({ request }: MailContent): string {
  if (request === null) return "";
  const address = request.ip === null ? "" : `, address ${request.ip}`;
  return `${deviceText(request.device)}${address}, on ${moment(request.at)}`;
}

/** Who asked for it. */
export function asked(content: MailContent, by: string): string {
  return content.request === null ? by : `The request came from ${origin(content)}.`;
}

/** Until when the proof works, and to keep it. */
export function ends({ expiresAt, code, codeExpiresAt }: MailContent): string {
  if (expiresAt === null) return "";
  const until = `The link works until ${moment(expiresAt)}.`;
  const isShorter = code !== null && codeExpiresAt !== null && codeExpiresAt < expiresAt;
  return isShorter ? `${until} The code alone works until ${moment(codeExpiresAt)}.` : until;
}

export function keep({ code }: MailContent): string {
  return code === null
    ? "Do not give this link to anyone, and do not forward this mail."
    : "Do not give this code to anyone. We never ask for it by phone or by mail.";
}

export function pasteLine({ page }: MailContent): string {
  return `If the button does not work, open ${page} and paste this line:`;
}

/** The paragraphs of `MailWords` that no condition left out. */
export function paragraphs(...lines: readonly (string | null)[]): readonly string[] {
  return lines.filter((line) => line !== null && line !== "") as readonly string[];
}
