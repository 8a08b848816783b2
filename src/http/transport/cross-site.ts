import { headerValue } from "../../contract/message.ts";
import type { RequestHead } from "./transport.ts";

/** These methods change nothing (RFC 9110, section 9.2.1). Any other may. */
const SAFE_METHODS: readonly (string | undefined)[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether a request with cookies comes from a page of these origins (OWASP CSRF Prevention Cheat Sheet,
 * "Verifying Origin"). The server's own name comes from the configuration, never from `Host`. A request
 * without any origin does not come from a browser. It is refused: scripts must send `Origin`.
 */
export function isFromAllowedOrigin({ method, headers }: RequestHead, origins: readonly string[]): boolean {
  if (SAFE_METHODS.includes(method)) return true;
  const origin = headerValue(headers, "origin");
  if (origin !== undefined) return origins.includes(origin);
  return headerValue(headers, "sec-fetch-site") === "same-origin";
}
