/** In characters: several times what a token of ours has. */
export const MAX_TOKEN_LENGTH = 4096;

// A base64url text is canonical when the bits its last character does not need are zero.
const CANONICAL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** Whether a text is base64url in its one spelling: no padding, no loose ending (RFC 4648, section 3.5). */
export function isCanonicalBase64url(text: string): boolean {
  return CANONICAL.test(text);
}

/**
 * Whether a text is a compact JWS in its one canonical spelling (RFC 7515, section 7.1). Libraries accept
 * spaces, padding and loose endings, so one token would have many spellings.
 */
export function isCompactJws(token: string): boolean {
  if (token.length > MAX_TOKEN_LENGTH) return false;
  const parts = token.split(".");
  return parts.length === 3 && parts.every((part) => part.length > 0 && isCanonicalBase64url(part));
}
