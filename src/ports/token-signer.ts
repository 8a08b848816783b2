/** The claims of an access token (RFC 7519, RFC 9068); times in whole seconds since the epoch. */
export interface AccessClaims {
  /** The user's id. */
  readonly sub: string;
  /** The session's id. */
  readonly sid: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly auth_time: number;
  readonly amr: readonly string[];
}

/**
 * Signs and verifies access tokens. It adds and checks `iss` and `aud` itself.
 *
 * `verify` judges signature, header and the claims' presence and types, never time: it answers null for
 * everything that this signer, with this issuer and audience, did not sign to the letter: a token has one
 * spelling. It throws only when the platform fails. The key fixes the algorithm; nothing in a token chooses
 * how it is verified.
 */
export interface TokenSigner {
  sign(claims: AccessClaims): Promise<string>;
  verify(token: string): Promise<AccessClaims | null>;
}
