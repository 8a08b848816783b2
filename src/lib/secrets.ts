import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

export type KeyPurpose = "access-token" | "refresh-token" | "device-token" | "pseudonym";

/** The keys of a purpose, one for each secret. The first makes, all recognise. */
export function deriveKeys(secrets: readonly string[], purpose: KeyPurpose): readonly KeyObject[] {
  return secrets.map((secret) => deriveKey(secret, purpose));
}

/** One key for each purpose (HKDF, RFC 5869): what is made with one is worthless for another. */
export function deriveKey(secret: string, purpose: KeyPurpose): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `sallyport:v1:${purpose}`, 32)));
}

/**
 * Stands for an email in limiter keys and in events of unknown accounts. Keyed: a plain hash of an email
 * is undone by trying emails. It names its key: after a rotation older ones can still be told apart.
 */
export function pseudonym(key: KeyObject, emailCanonical: string): string {
  return `hmac:${mac(key, "key id", 6)}:${mac(key, emailCanonical, 16)}`;
}

function mac(key: KeyObject, text: string, bytes: number): string {
  return createHmac("sha256", key).update(text).digest().toString("base64url", 0, bytes);
}

/** A one-time secret for its receiver: 32 random bytes. */
export function newSecretToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a one-time secret. */
export function hashSecretToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
