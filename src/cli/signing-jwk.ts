import { generateKeyPairSync } from "node:crypto";
import { thumbprint } from "../domain/private-jwks.ts";
import type { SigningAlgorithm } from "../domain/signing-key.ts";

/** A private JWK of a file, with all members that users added. */
export type SigningJwk = Readonly<Record<string, unknown>>;

export interface NewSigningJwk extends SigningJwk {
  readonly kid: string;
}

/** A new private key, named by its thumbprint (RFC 7638). */
export function newSigningJwk(alg: SigningAlgorithm): NewSigningJwk {
  const { privateKey } =
    alg === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const { kty, crv, ...parts } = privateKey.export({ format: "jwk" });
  return { kty, crv, kid: thumbprint({ kty, crv, ...parts }), alg, use: "sig", ...parts };
}

/** One line, fit for an environment variable and for a file of variables. */
export function keyFileText(jwks: readonly SigningJwk[]): string {
  return `${JSON.stringify(jwks)}\n`;
}
