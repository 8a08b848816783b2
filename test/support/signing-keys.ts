import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import type { SigningJwk } from "sallyport";
import type { SigningKey } from "../../src/domain/private-jwks.ts";
import { readPrivateJwks, thumbprint } from "../../src/domain/private-jwks.ts";

/** A new private JWK, as `sallyport keys generate` makes them. */
export function ed25519(): SigningJwk {
  return named(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }), "EdDSA");
}

export function es256(): SigningJwk {
  return named(jwkOf("ec", { namedCurve: "P-256" }), "ES256");
}

function named(jwk: JsonWebKey, alg: string): SigningJwk {
  return { ...jwk, kid: thumbprint({ ...jwk }), alg, use: "sig" } as SigningJwk;
}

/** What `createAuth` makes of them. */
export function signingKeysOf(...jwks: readonly SigningJwk[]): readonly SigningKey[] {
  const { keys, problems } = readPrivateJwks(jwks);
  if (problems.length > 0) throw new TypeError(JSON.stringify(problems));
  return keys;
}

/** A private JWK of any kind. */
export function jwkOf(kind: "rsa" | "ec" | "x25519" | "ed448", options: object = {}): JsonWebKey {
  const { privateKey } = generateKeyPairSync(kind as "ec", options as { namedCurve: string });
  return privateKey.export({ format: "jwk" });
}

export function withoutPrivatePart({ d: _d, ...rest }: SigningJwk): SigningJwk {
  return rest;
}
