import { headerValue } from "../../contract/message.ts";
import type { RequestHead } from "./transport.ts";

/** Those that change nothing (RFC 9110, section 9.2.1). A method that is not named may. */
const SAFE_METHODS: readonly (string | undefined)[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether a request that brings cookies comes from a page of these origins (OWASP CSRF Prevention Cheat
 * Sheet, "Verifying Origin"). What the server is called is taken from configuration, never from `Host`.
 * A request that says nothing of its origin is none of a browser's, and is refused: scripts send `Origin`.
 */
export function isFromAllowedOrigin({ method, headers }: RequestHead, origins: readonly string[]): boolean {
  if (SAFE_METHODS.includes(method)) return true;
  const origin = headerValue(headers, "origin");
  if (origin !== undefined) return origins.includes(origin);
  return headerValue(headers, "sec-fetch-site") === "same-origin";
}
