import { createHash, type KeyObject, webcrypto } from "node:crypto";
import { CompactSign } from "jose/jws/compact/sign";
import { compactVerify } from "jose/jws/compact/verify";
import * as z from "zod";
import { isUuid } from "../domain/ids.ts";
import { isCompactJws } from "../domain/token-format.ts";
import type { AccessClaims, TokenSigner } from "../ports/token-signer.ts";

export interface JwtSignerOptions {
  /** 32 bytes: HS256 (RFC 7518, section 3.2). */
  readonly key: KeyObject;
  readonly issuer: string;
  readonly audience: string;
}

/** Access tokens as JWTs (RFC 9068 `at+jwt`, RFC 8725), signed with HS256. */
export function jwtSigner({ key, issuer, audience }: JwtSignerOptions): TokenSigner {
  const header = { alg: "HS256", typ: "at+jwt", kid: keyId(key) } as const;
  const payloadSchema = claimsSchema(issuer, audience);
  // Imported once: jose would import a KeyObject anew for every token.
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const imported = webcrypto.subtle.importKey("raw", key.export(), hmac, false, ["sign", "verify"]);

  return Object.freeze({
    async sign(claims: AccessClaims): Promise<string> {
      const payload = JSON.stringify({ iss: issuer, aud: audience, ...claims });
      return new CompactSign(new TextEncoder().encode(payload))
        .setProtectedHeader(header)
        .sign(await imported);
    },
    async verify(token: string): Promise<AccessClaims | null> {
      const payload = await verifyBytes(token, await imported, header);
      const parsed = payload && payloadSchema.safeParse(parseJson(payload));
      if (!parsed?.success) return null;
      const { iss: _iss, aud: _aud, ...claims } = parsed.data;
      return claims;
    },
  });
}

// The header must be the one we write: no `crit`, `b64`, `jwk`, `x5u` or other algorithm can take part.
async function verifyBytes(
  token: string,
  key: webcrypto.CryptoKey,
  header: Readonly<Record<string, string>>,
): Promise<Uint8Array | null> {
  // The library alone takes spaces, padding and loose endings: one token would have many spellings.
  if (!isCompactJws(token)) return null;
  try {
    const { payload, protectedHeader } = await compactVerify(token, key, { algorithms: ["HS256"] });
    const names = Object.keys(protectedHeader);
    const ours =
      names.length === Object.keys(header).length &&
      names.every((name) => protectedHeader[name] === header[name]);
    return ours ? payload : null;
  } catch {
    return null; // whatever a hostile token makes the library throw, it is no valid token
  }
}

// Exact types and no others: arrays for `iss` and `aud`, or a string for `exp`, are not ours.
function claimsSchema(
  issuer: string,
  audience: string,
): z.ZodType<AccessClaims & { iss: string; aud: string }> {
  const id = z.string().refine(isUuid);
  const seconds = z.int().nonnegative();
  return z.strictObject({
    iss: z.literal(issuer),
    aud: z.literal(audience),
    sub: id,
    sid: id,
    jti: id,
    iat: seconds,
    exp: seconds,
    auth_time: seconds,
    amr: z.array(z.string()).min(1),
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

/** Tells keys apart without telling anything of them. */
function keyId(key: KeyObject): string {
  return createHash("sha256")
    .update("sallyport:kid:")
    .update(key.export())
    .digest()
    .toString("base64url", 0, 6);
}
