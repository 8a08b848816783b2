import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

export type KeyPurpose = "access-token" | "pseudonym";

/** One key for each purpose (HKDF, RFC 5869): what is made with one is worthless for another. */
export function deriveKey(secret: string, purpose: KeyPurpose): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `sallyport:v1:${purpose}`, 32)));
}

/**
 * Stands for an email in limiter keys and in events of unknown accounts. Keyed: a plain hash of an email
 * is undone by trying emails.
 */
export function pseudonym(key: KeyObject, emailCanonical: string): string {
  return `hmac:${createHmac("sha256", key).update(emailCanonical).digest().toString("base64url", 0, 16)}`;
}

/** A one-time secret for its receiver: 32 random bytes. */
export function newSecretToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a one-time secret. */
export function hashSecretToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
