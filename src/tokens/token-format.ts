import { isCanonicalBase64url } from "../lib/base64url.ts";

/** In characters. It is several times the length of the library's tokens. */
export const MAX_TOKEN_LENGTH = 4096;

/**
 * Whether a text is a compact JWS in its only canonical spelling (RFC 7515, section 7.1). Libraries accept spaces,
 * padding and loose final bits, so one token would have many spellings.
 */
export function isCompactJws(token: string): boolean {
  if (token.length > MAX_TOKEN_LENGTH) return false;
  const parts = token.split(".");
  return parts.length === 3 && parts.every((part) => part.length > 0 && isCanonicalBase64url(part));
}
