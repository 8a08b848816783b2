import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";

/** A key for HS256, and a token signed with it. */
export interface SignedByHand {
  readonly key: KeyObject;
  readonly token: string;
}

/** The same header and claims under a key of our own: equal work for whoever verifies it. */
export function signByHand(token: string): SignedByHand {
  const key = createSecretKey(randomBytes(32));
  const signed = token.slice(0, token.lastIndexOf("."));
  const signature = createHmac("sha256", key).update(signed).digest("base64url");
  return { key, token: `${signed}.${signature}` };
}

/** The least that anybody writes to check an HS256 token: signature and expiry, no session, no other claim. */
export function verifyByHand({ key, token }: SignedByHand): unknown {
  const end = token.lastIndexOf(".");
  const expected = createHmac("sha256", key).update(token.slice(0, end)).digest();
  const given = Buffer.from(token.slice(end + 1), "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error("Forged.");
  const payload = Buffer.from(token.slice(token.indexOf(".") + 1, end), "base64url");
  const claims = JSON.parse(payload.toString()) as { readonly exp: number };
  if (claims.exp * 1000 <= Date.now()) throw new Error("Expired.");
  return claims;
}
