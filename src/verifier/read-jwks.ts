import { algorithmOf, isKeyId, type SigningAlgorithm } from "../domain/signing-key.ts";
import { isCanonicalBase64url } from "../lib/base64url.ts";

/** A public key, without the other members of its JWK. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly jwk: Readonly<Record<string, string>>;
}

/**
 * The keys of a JWKS (RFC 7517), or the problem with it. One bad entry makes the whole set invalid: a service
 * that publishes secrets, or two keys under one name, is not in control of its keys (RFC 8725, section 2.1).
 * Messages hold no part of a key.
 */
export function readJwks(value: unknown): readonly VerificationKey[] | string {
  const entries = isRecord(value) ? value["keys"] : undefined;
  if (!Array.isArray(entries)) return "must be a JSON Web Key Set: { keys: [...] }";
  const read = entries.map(readKey);
  const faults = read.flatMap((key, index) => (typeof key === "string" ? [`keys.${index} ${key}`] : []));
  if (faults.length > 0) return faults.join(", ");
  const keys = read.filter((key) => typeof key !== "string");
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    return "has one kid twice: a kid must name one key";
  }
  return keys;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The key, or the problem with it. */
function readKey(entry: unknown): VerificationKey | string {
  if (!isRecord(entry)) return "is no JWK";
  const { kty, crv, kid } = entry;
  const alg = algorithmOf(entry);
  if (kty === "oct" || entry["k"] !== undefined) return "is a shared secret, which must not be published";
  if (entry["d"] !== undefined) return "is a private key, which must not be published: replace it everywhere";
  if (!alg) return "must be an Ed25519 or P-256 (ES256) key, with no other alg";
  if (!isForVerifying(entry)) return 'is not for signatures: its use must be "sig"';
  if (!isKeyId(kid)) return "has no kid of 1 to 128 letters, digits, or any of . _ ~ -";
  const coordinates = readCoordinates(entry);
  return coordinates ? { kid, alg, jwk: { kty: String(kty), crv: String(crv), ...coordinates } } : DAMAGED;
}

const DAMAGED = "is damaged: its x, and for P-256 its y, must be 32 bytes of base64url";

function isForVerifying({ use, key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  if (use !== undefined && use !== "sig") return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
}

function readCoordinates({ kty, x, y }: Readonly<Record<string, unknown>>): Record<string, string> | null {
  if (!isCoordinate(x)) return null;
  if (kty === "OKP") return { x };
  return isCoordinate(y) ? { x, y } : null;
}

function isCoordinate(value: unknown): value is string {
  return typeof value === "string" && value.length === 43 && isCanonicalBase64url(value);
}
