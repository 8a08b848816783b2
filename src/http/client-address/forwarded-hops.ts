import type { HttpHeaders } from "../../contract/message.ts";
import { hopAddress } from "./hop-address.ts";

/** The header that the proxies in front write. */
export type ForwardedHeader = "x-forwarded-for" | "forwarded";

/**
 * The addresses in a header, from the right: the first is the one that the nearest proxy wrote. `null`
 * stands for an element that is not an address. An element is read when it is asked for. Empty elements do not count
 * (RFC 9110, section 5.6.1.2).
 */
export function* hopsFromRight(headers: HttpHeaders, name: ForwardedHeader): Generator<string | null> {
  const parse = name === "forwarded" ? forwardedHop : hopAddress;
  for (const line of [headers[name] ?? []].flat().reverse()) {
    for (const element of elementsFromRight(line)) {
      yield element.length > MAX_ELEMENT ? null : parse(element.replace(OUTER_SPACE, ""));
    }
  }
}

/** An element holds an address and, in `Forwarded`, perhaps a host name of 253 characters. */
const MAX_ELEMENT = 512;
const OUTER_SPACE = /^[ \t]+|[ \t]+$/g;

// Reads from the right, and splits at every comma, quoted or not. So no text further left, such as an open
// quote, can change how the element of the nearest proxy is read. Empty elements are left out.
function* elementsFromRight(line: string): Generator<string> {
  let end = line.length;
  while (end >= 0) {
    const comma = end === 0 ? -1 : line.lastIndexOf(",", end - 1);
    const element = line.slice(comma + 1, end);
    if (/[^ \t]/.test(element)) yield element;
    end = comma;
  }
}

// RFC 7239, section 4. Escapes are not accepted: no address needs one. Values without quotes may have
// characters that the RFC puts in quotes, since proxies write ports that way.
const PAIR =
  /(?<name>[\w!#$%&'*+.^`|~-]+)=(?:"(?<quoted>[^"\\]*)"|(?<bare>[^\s",;\\]+))[ \t]*(?:;[ \t]*|$)/gy;

/** The address of the only `for=` in an element of `Forwarded`; else null. */
function forwardedHop(element: string): string | null {
  const pairs = [...element.matchAll(PAIR)];
  if (pairs.map(([text]) => text).join("") !== element) return null;
  const names = pairs.filter(({ groups }) => groups?.["name"]?.toLowerCase() === "for");
  if (names.length !== 1) return null;
  const { quoted, bare } = names[0]?.groups ?? {};
  return hopAddress(quoted ?? bare ?? "");
}
