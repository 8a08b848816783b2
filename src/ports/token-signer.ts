import type { JsonWebKeySet } from "../domain/signing-key.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";

/**
 * Signs and verifies access tokens. It adds and checks `iss` and `aud` itself.
 *
 * `verify` judges signature, header and the claims' presence and types, never time: it answers null for
 * everything that this signer, with this issuer and audience, did not sign to the letter: a token has one
 * spelling. It throws only when the platform fails. The key fixes the algorithm; nothing in a token chooses
 * how it is verified. Of several keys the first signs and all verify, so that keys can be rotated.
 */
export interface TokenSigner {
  sign(claims: AccessClaims): Promise<string>;
  verify(token: string): Promise<AccessClaims | null>;
  /** The public half of every key; of secret keys there is none. */
  readonly jwks: JsonWebKeySet;
}
