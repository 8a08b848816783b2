import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

/** The keys of each purpose, one for each secret. The first makes tokens, all verify them. */
export type Keyring<Purpose extends string> = (purpose: Purpose) => readonly KeyObject[];

/** Derives keys from secrets, once for each purpose. */
export function keyring<Purpose extends string>(secrets: readonly string[]): Keyring<Purpose> {
  const derived = new Map<Purpose, readonly KeyObject[]>();
  return (purpose) => {
    const keys = derived.get(purpose) ?? secrets.map((secret) => deriveKey(secret, purpose));
    derived.set(purpose, keys);
    return keys;
  };
}

/** One key for each purpose (HKDF, RFC 5869): a token of one purpose is worthless for another. */
export function deriveKey(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `sallyport:v1:${purpose}`, 32)));
}

/**
 * Replaces an email in limiter keys and in events of unknown accounts. It is keyed: an attacker can undo a
 * plain hash by trying emails. It names its key, so that pseudonyms of older keys can be told apart.
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

/** The stored form of a one-time secret. */
export function hashSecretToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
