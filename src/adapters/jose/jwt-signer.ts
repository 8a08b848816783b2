import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { decode, encode } from "jose/base64url";
import { CompactSign } from "jose/jws/compact/sign";
import type { SigningKey } from "../../domain/private-jwks.ts";
import type { PublicJwk } from "../../domain/signing-key.ts";
import type { TokenSigner } from "../../ports/token-signer.ts";
import type { AccessClaims, Parties } from "../../tokens/access-claims.ts";
import {
  headerOf,
  importKey,
  type NamedKey,
  protectedHeaderOf,
  verifyAccessToken,
} from "../../tokens/access-token-jws.ts";
import { toLowS } from "../../tokens/low-s.ts";

export interface JwtSignerOptions extends Parties {
  /** The first key signs, all keys verify. */
  readonly keys: readonly SigningKey[];
}

/** Access tokens as JWTs (RFC 9068 `at+jwt`, RFC 8725). */
export function jwtSigner({ keys, issuer, audience }: JwtSignerOptions): TokenSigner {
  const [first] = keys;
  if (!first) throw new TypeError("jwtSigner needs a key");
  // Imported once: jose would import a KeyObject again for every token.
  const signing = importHalf(first, "sign");
  const verifying = new Map(keys.map((key) => [headerOf(key), importHalf(key, "verify")]));
  const header = protectedHeaderOf(first);

  return Object.freeze<TokenSigner>({
    async sign(claims) {
      const payload = JSON.stringify({ iss: issuer, aud: audience, ...claims });
      const token = await new CompactSign(new TextEncoder().encode(payload))
        .setProtectedHeader(header)
        .sign((await signing).key);
      return first.alg === "ES256" ? withLowS(token) : token;
    },
    verify: (token: string): Promise<AccessClaims | null> =>
      verifyAccessToken(token, { issuer, audience }, (head) => verifying.get(head)),
    jwks: Object.freeze({ keys: Object.freeze(keys.flatMap(publicJwk)) }),
  });
}

/** An HS256 key. Its name differs from other keys' names and reveals nothing of the key. */
export function secretSigningKey(key: KeyObject): SigningKey {
  const kid = createHash("sha256").update("sallyport:kid:").update(key.export()).digest();
  return { kid: kid.toString("base64url", 0, 6), alg: "HS256", key };
}

function importHalf(signingKey: SigningKey, usage: "sign" | "verify"): Promise<NamedKey> {
  const imported = readHalf(signingKey, usage);
  imported.catch(() => undefined); // without the algorithm a platform fails at the first use, not here
  return imported;
}

async function readHalf({ kid, alg, key }: SigningKey, usage: "sign" | "verify"): Promise<NamedKey> {
  const half = usage === "verify" && key.type === "private" ? createPublicKey(key) : key;
  return { kid, alg, key: await importKey(half.export({ format: "jwk" }), alg, usage) };
}

function publicJwk({ kid, alg, key }: SigningKey): readonly PublicJwk[] {
  if (alg === "HS256") return [];
  const { kty, crv, x, y } = createPublicKey(key).export({ format: "jwk" });
  return [Object.freeze({ kty, crv, x, ...(y && { y }), kid, alg, use: "sig" } as PublicJwk)];
}

function withLowS(token: string): string {
  const end = token.lastIndexOf(".") + 1;
  return token.slice(0, end) + encode(toLowS(decode(token.slice(end))));
}
