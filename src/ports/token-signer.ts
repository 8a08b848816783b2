import type { JsonWebKeySet } from "../domain/signing-key.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";

/**
 * Signs and verifies access tokens. It adds and checks `iss` and `aud` itself.
 *
 * `verify` checks the signature, the header, and that all claims are there with their types. It does not check
 * the time. It answers null for every text that this signer, with this issuer and audience, did not sign: a
 * token has one spelling. It throws only when the platform fails.
 *
 * The key fixes the algorithm; nothing in a token chooses how it is verified. The first key signs and all keys
 * verify, so that keys can be rotated.
 */
export interface TokenSigner {
  sign(claims: AccessClaims): Promise<string>;
  verify(token: string): Promise<AccessClaims | null>;
  /** The public half of every key pair. Secret keys (HS256) are never in it. */
  readonly jwks: JsonWebKeySet;
}
