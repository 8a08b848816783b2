// A base64url text is canonical when the bits its last character does not need are zero.
const CANONICAL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** Whether a text is base64url in its one spelling: no padding, no loose ending (RFC 4648, section 3.5). */
export function isCanonicalBase64url(text: string): boolean {
  return CANONICAL.test(text);
}

/** Encodes a text of ASCII characters. */
export function base64urlOf(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Decodes to one character a byte. Throws for what is no base64url. */
export function textOf(base64url: string): string {
  return atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
}
