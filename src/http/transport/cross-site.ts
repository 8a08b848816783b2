import { headerValue } from "../../contract/message.ts";
import type { PlainHead } from "./transport.ts";

/** These methods change nothing (RFC 9110, section 9.2.1). Any other may. */
const SAFE_METHODS: readonly (string | undefined)[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether a request with cookies comes from a page of these origins (OWASP CSRF Prevention Cheat Sheet,
 * "Verifying Origin"). The server's own name comes from the configuration, never from `Host`. A request
 * without any origin does not come from a browser. It is refused: scripts must send `Origin`.
 */
export function isFromAllowedOrigin(head: PlainHead, origins: readonly string[]): boolean {
  const origin = headerValue(head.headers, "origin");
  const isAllowed = origin !== undefined && origins.includes(origin);
  // Any page may open a WebSocket to here and read it, with no question beforehand (RFC 6455, section 10.2).
  if (opensSocket(head)) return isAllowed;
  if (SAFE_METHODS.includes(head.method)) return !mayOpenSocket(head) || origin === undefined || isAllowed;
  // A page says `null` if its referrer policy hides the origin. What the browser adds, no page can write.
  if (origin === undefined || origin === "null")
    return headerValue(head.headers, "sec-fetch-site") === "same-origin";
  return isAllowed;
}

/** Each of these asks for a connection that goes on: RFC 9110, section 7.8; RFC 8441; RFC 6455, section 11.3. */
const OPENING = /^(?:upgrade|:protocol|sec-websocket-.+)$/i;

/** The modes of requests that browsers send for `WebSocket` and `WebTransport`. */
const OPENING_MODE = /\b(?:websocket|webtransport)\b/i;

function opensSocket({ method, headers }: PlainHead): boolean {
  if (method === "CONNECT" || OPENING_MODE.test(headerValue(headers, "sec-fetch-mode") ?? "")) return true;
  return Object.keys(headers).some((name) => OPENING.test(name) && headers[name] !== undefined);
}

// Without `Upgrade` this opens nothing on Node. Many proxies add it to every request, so it needs no origin. A foreign
// origin is refused all the same: behind such a proxy another server might be less strict.
function mayOpenSocket({ headers }: PlainHead): boolean {
  return /(?:^|[,\s])upgrade(?:[,\s]|$)/i.test(headerValue(headers, "connection") ?? "");
}
