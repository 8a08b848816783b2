import { isKeyId, isSigningAlgorithm, type SigningAlgorithm } from "../domain/signing-key.ts";
import { base64urlOf, textOf } from "../lib/base64url.ts";
import { type AccessClaims, type Parties, readAccessClaims } from "./access-claims.ts";
import { isCompactJws } from "./token-format.ts";

// This file uses web standards only. `sallyport/verifier` and `createAuth` share it, so both verify in the same way.

/** The name of a key, and its only algorithm. */
export interface KeyName {
  readonly kid: string;
  readonly alg: "HS256" | SigningAlgorithm;
}

/** The type of access tokens (RFC 9068). Any other kind of token that a key may sign one day has another type. */
const TYPE = "at+jwt";

/** Returns the header of every token of a key. */
export function protectedHeaderOf({ alg, kid }: KeyName): ProtectedHeader {
  return { alg, typ: TYPE, kid };
}

export type ProtectedHeader = Readonly<Record<"alg" | "typ" | "kid", string>>;

/** Returns the same header in its encoded form, with which a token begins. */
export function headerOf(key: KeyName): string {
  return base64urlOf(JSON.stringify(protectedHeaderOf(key)));
}

/** Whether a key pair of the library may have written exactly this header. If not, no search for a key is needed. */
export function isHeaderOfKeyPair(header: string): boolean {
  const { alg, kid } = parseHeader(header);
  return isSigningAlgorithm(alg) && isKeyId(kid) && headerOf({ alg, kid }) === header;
}

function parseHeader(header: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(textOf(header)));
  } catch {
    return {};
  }
}

/** Reads the payload of a compact JWS in its only spelling. Null: the signature is not valid. It does not throw. */
export type ReadSigned = (token: string) => string | null | Promise<string | null>;

/** Finds the key whose tokens begin with this header. */
export type KeyOfHeader = (header: string) => ReadSigned | undefined | Promise<ReadSigned | undefined>;

/**
 * Returns the claims of a token that one of the keys signed. Null: the token is not valid. The header must equal, byte
 * for byte, the header of a key. So `crit`, `b64`, `jwk`, `x5u` or another algorithm can have no effect.
 */
export async function verifyAccessToken(
  token: string,
  parties: Parties,
  keyOf: KeyOfHeader,
): Promise<AccessClaims | null> {
  // Libraries accept spaces, padding and loose final bits, so one token would have many spellings.
  if (!isCompactJws(token)) return null;
  const read = await keyOf(token.slice(0, token.indexOf(".")));
  const payload = read && (await read(token));
  return payload ? readAccessClaims(payload, parties) : null;
}

/** The text of a payload. Throws for bytes that are not UTF-8. */
export function payloadText(payload: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
}
