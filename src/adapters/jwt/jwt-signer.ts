import { createPublicKey } from "node:crypto";
import type { SigningKey } from "../../domain/private-jwks.ts";
import type { PublicJwk } from "../../domain/signing-key.ts";
import type { TokenSigner } from "../../ports/token-signer.ts";
import type { AccessClaims, Parties } from "../../tokens/access-claims.ts";
import { headerOf, verifyAccessToken } from "../../tokens/access-token-jws.ts";
import type { SigningHalves } from "./halves.ts";
import { hmacHalves } from "./hmac.ts";
import { keyPairHalves } from "./key-pair.ts";

export interface JwtSignerOptions extends Parties {
  /** The first key signs, all keys verify. */
  readonly keys: readonly SigningKey[];
}

/** Access tokens as JWTs (RFC 9068 `at+jwt`, RFC 8725). */
export function jwtSigner({ keys, issuer, audience }: JwtSignerOptions): TokenSigner {
  const all = keys.map((key) => [headerOf(key), halvesOf(key)] as const);
  const [first] = all;
  if (!first) throw new TypeError("jwtSigner needs a key");
  const [, { sign }] = first;
  const readers = new Map(all.map(([header, { read }]) => [header, read]));

  return Object.freeze<TokenSigner>({
    sign: async (claims) => sign(JSON.stringify({ iss: issuer, aud: audience, ...claims })),
    verify: (token: string): Promise<AccessClaims | null> =>
      verifyAccessToken(token, { issuer, audience }, (header) => readers.get(header)),
    jwks: Object.freeze({ keys: Object.freeze(keys.flatMap(publicJwk)) }),
  });
}

function halvesOf(key: SigningKey): SigningHalves {
  return key.alg === "HS256" ? hmacHalves(key) : keyPairHalves(key);
}

function publicJwk({ kid, alg, key }: SigningKey): readonly PublicJwk[] {
  if (alg === "HS256") return [];
  const { kty, crv, x, y } = createPublicKey(key).export({ format: "jwk" });
  return [Object.freeze({ kty, crv, x, ...(y && { y }), kid, alg, use: "sig" } as PublicJwk)];
}
