import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import * as z from "zod";
import { algorithmOf, isKeyId, type SigningAlgorithm } from "../domain/signing-key.ts";
import type { SigningKey } from "../ports/token-signer.ts";
import { isObject } from "./fields.ts";

const MAX_KEYS = 8;
const MAKE_ONE = "make one with `npx sallyport keys generate`";

// Private keys that stand in RFC 7515 (A.3), RFC 7517 (A.2) and RFC 8037 (A.1), by the x of their public half.
const PUBLISHED: ReadonlySet<string> = new Set([
  "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
]);

/** Private JWKs (RFC 7517) of Ed25519 or P-256. Messages never hold any part of a key. */
export const signingKeys: z.ZodType<readonly SigningKey[]> = z.unknown().transform((value, issue) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_KEYS) {
    issue.addIssue(`must be a list of 1 to ${MAX_KEYS} private JWKs: ${MAKE_ONE}`);
    return z.NEVER;
  }
  const keys = value.flatMap((jwk: unknown, index): SigningKey[] => {
    const read = readKey(jwk);
    if (typeof read !== "string") return [read];
    issue.addIssue({ code: "custom", message: read, path: [index] });
    return [];
  });
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    issue.addIssue("has one kid twice: a name must tell which key, and so which algorithm, a token is for");
  }
  return keys;
});

/** The key, or what is wrong with it. */
function readKey(jwk: unknown): SigningKey | string {
  if (!isObject(jwk)) return `must be a private JWK: ${MAKE_ONE}`;
  if (jwk["kty"] === "oct") return "is a shared secret, which a JWKS must not hold: give it as `secret`";
  const alg = algorithmOf(jwk);
  if (!alg) return `must be an Ed25519 or P-256 (ES256) key, with no other alg: ${MAKE_ONE}`;
  if (typeof jwk["d"] !== "string") return "is a public key: to sign takes the private one";
  if (PUBLISHED.has(String(jwk["x"]))) return `is published in an RFC: ${MAKE_ONE}`;
  if (jwk["use"] !== undefined && jwk["use"] !== "sig") return 'is not for signing: its use must be "sig"';
  return importKey(jwk, alg) ?? "is damaged: its parts do not belong together";
}

function importKey(
  jwk: Readonly<Record<string, unknown>>,
  alg: SigningAlgorithm,
): SigningKey | string | null {
  const key = privateKey(jwk);
  if (!key) return null;
  const { x, y } = createPublicKey(key).export({ format: "jwk" });
  if (x !== jwk["x"] || y !== jwk["y"]) return null;
  const kid = jwk["kid"] ?? thumbprint(jwk);
  if (!isKeyId(kid)) return "has a kid that is not 1 to 128 letters, digits, or any of . _ ~ -";
  return Object.freeze({ kid, alg, key });
}

function privateKey(jwk: Readonly<Record<string, unknown>>): KeyObject | null {
  try {
    return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    return null; // the reason would repeat parts of the key
  }
}

/** RFC 7638: the name of a key that was given none. */
function thumbprint({ crv, kty, x, y }: Readonly<Record<string, unknown>>): string {
  return createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
}
