import { decode, encode } from "jose/base64url";
import { compactVerify } from "jose/jws/compact/verify";
import { isKeyId, isSigningAlgorithm, type SigningAlgorithm } from "../domain/signing-key.ts";
import { type AccessClaims, type Parties, readAccessClaims } from "./access-claims.ts";
import { isLowS } from "./low-s.ts";
import { isCompactJws } from "./token-format.ts";

// This file uses web standards only. `sallyport/verifier` and `createAuth` share it, so both verify in the same way.

/** A key, its only algorithm, and the name by which the header of a token refers to it. */
export interface NamedKey {
  readonly kid: string;
  readonly alg: "HS256" | SigningAlgorithm;
  readonly key: CryptoKey;
}

/** The type of access tokens (RFC 9068). Any other kind of token that a key may sign one day has another type. */
const TYPE = "at+jwt";

/** Returns the header of every token of a key. */
export function protectedHeaderOf({ alg, kid }: Pick<NamedKey, "alg" | "kid">): ProtectedHeader {
  return { alg, typ: TYPE, kid };
}

type ProtectedHeader = Readonly<Record<"alg" | "typ" | "kid", string>>;

/** Returns the same header in its encoded form, with which a token begins. */
export function headerOf(key: Pick<NamedKey, "alg" | "kid">): string {
  return encode(JSON.stringify(protectedHeaderOf(key)));
}

/** Whether a key pair of the library may have written exactly this header. If not, no search for a key is needed. */
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

/** Imports a key for its only algorithm. The JWK holds the key itself, without `alg` and `use`. */
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
 * Returns the claims of a token that one of the keys signed. Null: the token is not valid. The header must equal, byte
 * for byte, the header of a key. So `crit`, `b64`, `jwk`, `x5u` or another algorithm can have no effect.
 */
export async function verifyAccessToken(
  token: string,
  parties: Parties,
  keyOf: KeyOfHeader,
): Promise<AccessClaims | null> {
  // jose alone accepts spaces, padding and loose final bits, so one token would have many spellings.
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
    return null; // A hostile token may cause any error in the library. It is not valid.
  }
}
