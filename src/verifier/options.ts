import type { Duration } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";

/**
 * The options of `createVerifier`. An unknown option is an error. docs/verifier.md lists every default and bound.
 * Give exactly one of `jwksUrl` and `jwks`.
 */
export interface VerifierOptions {
  /**
   * The address of the keys: `GET /auth/jwks.json` of the signing service. `https:`, or `http:` on this machine
   * (`localhost`, `127.0.0.1`, `[::1]`).
   */
  readonly jwksUrl?: string | URL | undefined;
  /** The keys themselves (RFC 7517), for a service that cannot fetch them. This verifier never renews them. */
  readonly jwks?: JwksInput | undefined;
  /** The `issuer` of the signing service: the `iss` of every token, compared exactly. */
  readonly issuer: string;
  /** The `audience` of the signing service: the `aud` of every token, compared exactly. */
  readonly audience: string;
  /**
   * How long fetched keys are used before they are fetched again. Default `"10m"`. While fetches fail, the keys
   * are used for the same time once more; then the answer is `unavailable`.
   */
  readonly cacheMaxAge?: Duration | undefined;
  /**
   * The shortest time from the start of one fetch to the next, also after a failure and for unknown keys. Default
   * `"30s"`, or `cacheMaxAge` where that is less.
   */
  readonly cooldown?: Duration | undefined;
  /** How long a fetch may take, body included. Default `"5s"`. */
  readonly timeout?: Duration | undefined;
  /** Fetches the keys, for a proxy or a test. Default: the global `fetch`, read at each call. */
  readonly fetch?: JwksFetch | undefined;
  /**
   * Refuses a token without the claims of `hooks.claims`, as `token_expired`: it is from before the service had the
   * hook. `createVerifier<Claims>` needs it, because without it the claims may be absent. Default false.
   */
  readonly requireClaims?: boolean | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/** The options of a verifier that states the type of the claims. */
export type VerifierOptionsWith<Claims extends object> = VerifierOptions &
  (keyof Claims extends never ? unknown : { readonly requireClaims: true });

/** A JSON Web Key Set (RFC 7517, section 5), from `auth.jwks()` or parsed from JSON. */
export interface JwksInput {
  readonly keys: readonly object[];
}

/** The part of the global `fetch` that we use. It must obey `redirect: "manual"` and `signal`. */
export type JwksFetch = (url: string, init: RequestInit) => Promise<Response>;
