import { decode, encode } from "jose/base64url";
import { compactVerify } from "jose/jws/compact/verify";
import { isKeyId, isSigningAlgorithm, type SigningAlgorithm } from "../domain/signing-key.ts";
import { type AccessClaims, type Parties, readAccessClaims } from "./access-claims.ts";
import { isLowS } from "./low-s.ts";
import { isCompactJws } from "./token-format.ts";

// Web standards only: `sallyport/verifier` stands on this as `createAuth` does, so both judge alike.

/** A key, the one algorithm it is for, and the name by which tokens say which it is. */
export interface NamedKey {
  readonly kid: string;
  readonly alg: "HS256" | SigningAlgorithm;
  readonly key: CryptoKey;
}

/** RFC 9068: an access token, and nothing else that a key may sign one day. */
const TYPE = "at+jwt";

/** The header of every token of a key. */
export function protectedHeaderOf({ alg, kid }: Pick<NamedKey, "alg" | "kid">): ProtectedHeader {
  return { alg, typ: TYPE, kid };
}

type ProtectedHeader = Readonly<Record<"alg" | "typ" | "kid", string>>;

/** The same, as a token begins. */
export function headerOf(key: Pick<NamedKey, "alg" | "kid">): string {
  return encode(JSON.stringify(protectedHeaderOf(key)));
}

/** Whether a key pair of ours may have written exactly this header. Otherwise there is no key to look for. */
export function isHeaderOfKeyPair(header: string): boolean {
  const { alg, kid } = parseHeader(header);
  return isSigningAlgorithm(alg) && isKeyId(kid) && headerOf({ alg, kid }) === header;
}

function parseHeader(header: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(decode(header))));
  } catch {
    return {};
  }
}

type Algorithm = HmacImportParams | EcKeyImportParams | { readonly name: string };

const ALGORITHMS: Readonly<Record<NamedKey["alg"], Algorithm>> = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
  Ed25519: { name: "Ed25519" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
};

/** Imports a key for its one algorithm. The JWK holds no more than the key itself: no `alg`, no `use`. */
export function importKey(
  jwk: JsonWebKey,
  alg: NamedKey["alg"],
  usage: "sign" | "verify",
): Promise<CryptoKey> {
  return crypto.subtle.importKey("jwk", jwk, ALGORITHMS[alg], false, [usage]);
}

/** Finds the key whose tokens begin with this header. */
export type KeyOfHeader = (header: string) => NamedKey | undefined | Promise<NamedKey | undefined>;

/**
 * The claims of a token that one of the keys signed exactly as it is, or null. The header must be, byte for
 * byte, the one that a key writes: no `crit`, `b64`, `jwk`, `x5u` or other algorithm can take part.
 */
export async function verifyAccessToken(
  token: string,
  parties: Parties,
  keyOf: KeyOfHeader,
): Promise<AccessClaims | null> {
  // jose alone takes spaces, padding and loose endings: one token would have many spellings.
  if (!isCompactJws(token)) return null;
  const key = await keyOf(token.slice(0, token.indexOf(".")));
  const payload = key && (await verifySignature(token, key));
  return payload ? readAccessClaims(payload, parties) : null;
}

async function verifySignature(token: string, { key, alg }: NamedKey): Promise<string | null> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [alg] });
    if (alg === "ES256" && !isLowS(decode(token.slice(token.lastIndexOf(".") + 1)))) return null;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    return null; // whatever a hostile token makes the library throw, it is no valid token
  }
}
