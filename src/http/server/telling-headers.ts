import type { ClientInfo } from "../../api/inputs.ts";
import { type HttpHeaders, headerValue } from "../../contract/message.ts";

/** Longer lists of languages are read up to here. No browser sends one. */
const MAX_LENGTH = 256;

/** What the headers of a request tell of its client. The flows clean both: a client may write what it likes. */
export function tellingHeaders(headers: HttpHeaders): Pick<ClientInfo, "userAgent" | "locale"> {
  const locale = preferredLanguage(headerValue(headers, "accept-language") ?? "");
  return { userAgent: headerValue(headers, "user-agent"), ...(locale !== undefined && { locale }) };
}

/** The language that a client likes best (RFC 9110, section 12.5.4). Of equals, the first. */
function preferredLanguage(list: string): string | undefined {
  let best: { readonly tag: string; readonly weight: number } | undefined;
  for (const entry of list.slice(0, MAX_LENGTH).split(",")) {
    const [tag = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const weight = weightOf(parameters);
    if (/^[a-z][\w-]*$/i.test(tag) && weight > (best?.weight ?? 0)) best = { tag, weight };
  }
  return best?.tag;
}

function weightOf(parameters: readonly string[]): number {
  const [, weight = "1"] = /^q=(\d(?:\.\d{1,3})?)$/i.exec(parameters[0] ?? "q=1") ?? [undefined, "0"];
  return Number(weight);
}
