import type { NoClaims, Principal, VerifyOptions } from "../api/auth.ts";
import { AuthError, isAuthError } from "../errors.ts";
import { type KeyOfHeader, verifyAccessToken } from "../tokens/access-token-jws.ts";
import { assertClaims, assertTime, assertUser, principalOf } from "../tokens/principal.ts";
import { fetchJwks } from "./fetch-jwks.ts";
import type { VerifierOptionsWith } from "./options.ts";
import { parseOptions, type VerifierSettings } from "./parse-options.ts";
import { remoteKeys } from "./remote-keys.ts";
import { staticKeys } from "./static-keys.ts";

/**
 * The holder of a token, as `auth.verifyToken` answers it. The session was not read: a token of an ended session,
 * or of a disabled user, is accepted until it expires.
 */
export type VerifiedPrincipal<Claims extends object = NoClaims> = Principal<Claims>;

/** Verifies access tokens by public keys. */
export interface Verifier<Claims extends object = NoClaims> {
  /**
   * Checks signature, header, claims and time (RFC 9068, section 4; RFC 8725), and answers the holder of the
   * token. It accepts and refuses the same tokens as `auth.verifyToken`, but it cannot check the session.
   *
   * It rejects only with an `AuthError`: `invalid_token`, `token_expired`, `forbidden` (the token is not
   * `options.userId`'s), `unavailable` (the keys cannot be fetched; `cause` says why, for the operator),
   * `invalid_configuration` (this runtime cannot import a key of `jwks`).
   */
  verify(accessToken: string, options?: VerifyOptions): Promise<VerifiedPrincipal<Claims>>;
}

/**
 * Makes a verifier of access tokens for a service without a database. It uses the public keys (RFC 7517) of the
 * service that signs the tokens, and fetches them with the first token. State the type of `Claims` yourself, with
 * `requireClaims: true`: it is what `hooks.claims` of that service adds.
 *
 * Throws `invalid_configuration` for any unsafe, unknown or contradictory option; the message names the fix.
 *
 * @example
 * ```ts
 * import { createVerifier } from "sallyport/verifier";
 *
 * const verifier = createVerifier({
 *   jwksUrl: "https://accounts.example/auth/jwks.json",
 *   issuer: "https://accounts.example",
 *   audience: "https://api.example",
 * });
 *
 * export async function userIdOf(accessToken: string): Promise<string> {
 *   const { userId } = await verifier.verify(accessToken);
 *   return userId;
 * }
 * ```
 */
export function createVerifier<Claims extends object = NoClaims>(
  options: VerifierOptionsWith<Claims>,
): Verifier<Claims> {
  const settings = parseOptions(options);
  const keyOf = keysOf(settings);
  return Object.freeze<Verifier<Claims>>({
    verify: (token, expected) =>
      // The claims are the hook's answer, in a token that only that service can sign. `requireClaims` refuses a token
      // without them. So this is their type.
      (verify({ ...settings, keyOf }, token, expected) as Promise<VerifiedPrincipal<Claims>>).catch(surface),
  });
}

function keysOf({ source, clock }: VerifierSettings): KeyOfHeader {
  if ("keys" in source) return staticKeys(source.keys);
  return remoteKeys({ ...source, clock, fetchKeys: () => fetchJwks(source) });
}

type Judge = VerifierSettings & { readonly keyOf: KeyOfHeader };

async function verify(
  { issuer, audience, requireClaims, clock, keyOf }: Judge,
  token: string,
  expected: VerifyOptions | undefined,
): Promise<Principal> {
  if (typeof token !== "string") throw new AuthError("invalid_token");
  const claims = await verifyAccessToken(token, { issuer, audience }, keyOf);
  if (!claims) throw new AuthError("invalid_token");
  assertTime(claims, clock.now());
  if (requireClaims) assertClaims(claims);
  assertUser(claims, expected);
  return principalOf(claims);
}

function surface(thrown: unknown): never {
  throw isAuthError(thrown) ? thrown : new AuthError("unavailable", { cause: thrown });
}
