import type { NoClaims, Principal, VerifyOptions } from "../api/auth.ts";
import { AuthError, isAuthError } from "../errors.ts";
import { type KeyOfHeader, verifyAccessToken } from "../tokens/access-token-jws.ts";
import { assertTime, assertUser, principalOf } from "../tokens/principal.ts";
import { fetchJwks } from "./fetch-jwks.ts";
import type { VerifierOptions } from "./options.ts";
import { parseOptions, type VerifierSettings } from "./parse-options.ts";
import { remoteKeys } from "./remote-keys.ts";
import { staticKeys } from "./static-keys.ts";

/**
 * Whose token it is, as `auth.verifyToken` says it. Nobody looked at the session: one that was ended, or
 * whose user was disabled, is accepted until its token's own end.
 */
export type VerifiedPrincipal<Claims extends object = NoClaims> = Principal<Claims>;

/** What `createVerifier` makes. */
export interface Verifier<Claims extends object = NoClaims> {
  /**
   * Says whose token this is, by signature, header, claims and time (RFC 9068, section 4; RFC 8725). It
   * takes and refuses what `auth.verifyToken` does, but for the session, which it cannot see.
   *
   * Rejects with an `AuthError`, and with nothing else: `invalid_token`, `token_expired`, `forbidden`
   * (another user than `options.userId`), `unavailable` (the keys cannot be had; `cause` says why, for the
   * operator), `invalid_configuration` (a key of `jwks` that this runtime cannot import).
   */
  verify(accessToken: string, options?: VerifyOptions): Promise<VerifiedPrincipal<Claims>>;
}

/**
 * Makes a verifier of access tokens for a service that has no database: by the public keys (RFC 7517) of the
 * service that signs them. `Claims` is what its `hooks.claims` adds; it is yours to say.
 *
 * Throws `invalid_configuration` for anything unsafe, unknown or contradictory, naming option and mend.
 * Nothing is fetched before the first token.
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
 * const { userId } = await verifier.verify(accessToken);
 * ```
 */
export function createVerifier<Claims extends object = NoClaims>(options: VerifierOptions): Verifier<Claims> {
  const settings = parseOptions(options);
  const keyOf = keysOf(settings);
  return Object.freeze<Verifier<Claims>>({
    verify: (token, expected = {}) =>
      // Claims are what the hook answered, through a token that nobody else can sign: that is their type.
      (verify({ ...settings, keyOf }, token, expected) as Promise<VerifiedPrincipal<Claims>>).catch(surface),
  });
}

function keysOf({ source, clock }: VerifierSettings): KeyOfHeader {
  if ("keys" in source) return staticKeys(source.keys);
  return remoteKeys({ ...source, clock, fetchKeys: () => fetchJwks(source) });
}

type Judge = VerifierSettings & { readonly keyOf: KeyOfHeader };

async function verify(
  { issuer, audience, clock, keyOf }: Judge,
  token: string,
  expected: VerifyOptions,
): Promise<Principal> {
  if (typeof token !== "string") throw new AuthError("invalid_token");
  const claims = await verifyAccessToken(token, { issuer, audience }, keyOf);
  if (!claims) throw new AuthError("invalid_token");
  assertTime(claims, clock.now());
  assertUser(claims, expected);
  return principalOf(claims);
}

function surface(thrown: unknown): never {
  throw isAuthError(thrown) ? thrown : new AuthError("unavailable", { cause: thrown });
}
