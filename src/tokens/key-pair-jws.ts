import { decode, encode } from "jose/base64url";
import { CompactSign } from "jose/jws/compact/sign";
import { compactVerify } from "jose/jws/compact/verify";
import type { SigningAlgorithm } from "../domain/signing-key.ts";
import { type KeyName, payloadText, protectedHeaderOf } from "./access-token-jws.ts";
import { isLowS, toLowS } from "./low-s.ts";

// This file uses web standards and jose only: `sallyport/verifier` stands on it.

/** One half of a key pair, its only algorithm, and the name by which the header of a token refers to it. */
export interface NamedKey extends KeyName {
  readonly alg: SigningAlgorithm;
  readonly key: CryptoKey;
}

type Algorithm = EcKeyImportParams | { readonly name: string };

const ALGORITHMS: Readonly<Record<SigningAlgorithm, Algorithm>> = {
  EdDSA: { name: "Ed25519" },
  Ed25519: { name: "Ed25519" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
};

/** Imports a key for its only algorithm. The JWK holds the key itself, without `alg` and `use`. */
export function importKey(
  jwk: JsonWebKey,
  alg: SigningAlgorithm,
  usage: "sign" | "verify",
): Promise<CryptoKey> {
  return crypto.subtle.importKey("jwk", jwk, ALGORITHMS[alg], false, [usage]);
}

/** Signs a payload as a compact JWS. */
export async function signText(payload: string, { kid, alg, key }: NamedKey): Promise<string> {
  const token = await new CompactSign(bytesOf(payload))
    .setProtectedHeader(protectedHeaderOf({ kid, alg }))
    .sign(key);
  return alg === "ES256" ? withLowS(token) : token;
}

// jose compares with the global `Uint8Array`. Under jsdom that is another class than the one of Node's own bytes.
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(new TextEncoder().encode(text));
}

/** Reads the payload of a token. Null: the signature is not valid. */
export async function readSigned(token: string, { key, alg }: NamedKey): Promise<string | null> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [alg] });
    if (alg === "ES256" && !isLowS(decode(token.slice(token.lastIndexOf(".") + 1)))) return null;
    return payloadText(payload);
  } catch {
    return null; // A hostile token may cause any error in the library. It is not valid.
  }
}

function withLowS(token: string): string {
  const end = token.lastIndexOf(".") + 1;
  return token.slice(0, end) + encode(toLowS(decode(token.slice(end))));
}
