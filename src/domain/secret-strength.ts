import { repeatsItself } from "../lib/repetition.ts";

const MIN_BYTES = 32;
const MIN_DISTINCT = 10;

// Secrets of 32 and more bytes from tutorials and default configurations.
const PUBLISHED: readonly string[] = [
  "a-string-secret-at-least-256-bits-long",
  "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
  "super-secret-jwt-token-with-at-least-32-characters-long",
  "your-super-secret-jwt-token-with-at-least-32-characters-long",
  "better-auth-secret-12345678901234567890",
  "abcdefghijklmnopqrstuvwxyz123456",
  "abcdefghijklmnopqrstuvwxyz1234567890",
  "0123456789abcdef0123456789abcdef",
  "your-secret-key-change-in-production",
  "your-secret-key-change-this-in-production",
  "your_jwt_secret_key_change_in_production",
  "this-is-a-very-long-secret-key-for-development-only",
];

// The text of a key is long and looks random. But it is often the text of a public key, which is known.
const KEY_TEXT = /-----BEGIN |"kty"\s*:|^\s*ssh-/;

/** Why a secret is too weak, or null. The answer never holds the secret. */
export function secretWeakness(secret: string): string | null {
  if (Buffer.byteLength(secret) < MIN_BYTES) return `has fewer than ${MIN_BYTES} bytes`;
  if (PUBLISHED.includes(secret.trim().toLowerCase())) return "is published in a tutorial";
  if (KEY_TEXT.test(secret))
    return "is the text of a key (PEM, JWK or SSH): a secret must not be a key of anything else";
  if (new Set(secret).size < MIN_DISTINCT) return `has fewer than ${MIN_DISTINCT} different characters`;
  if (repeatsItself(secret)) return "repeats itself";
  return null;
}
