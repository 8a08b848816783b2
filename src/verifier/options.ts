import type { Duration } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";

/**
 * The options of `createVerifier`. Unknown ones are refused; docs/verifier.md has every default and bound.
 * Exactly one of `jwksUrl` and `jwks` is given.
 */
export interface VerifierOptions {
  /**
   * Where the signing service publishes its keys: its `GET /auth/jwks.json`. `https:`, or `http:` on this
   * machine (`localhost`, `127.0.0.1`, `[::1]`).
   */
  readonly jwksUrl?: string | URL | undefined;
  /** The keys themselves (RFC 7517), where nothing can be fetched. They stay until there is another verifier. */
  readonly jwks?: JwksInput | undefined;
  /** The `issuer` of the signing service: the `iss` of every token, to the letter. */
  readonly issuer: string;
  /** The `audience` of the signing service: the `aud` of every token, to the letter. */
  readonly audience: string;
  /**
   * How long fetched keys are used before they are fetched again. Default `"10m"`. While that fails they are
   * used for as long once more; then the answer is `unavailable`.
   */
  readonly cacheMaxAge?: Duration | undefined;
  /**
   * From the start of one fetch to the next, whatever came of the first: tokens with unknown keys cause no
   * more than that. Default `"30s"`, or `cacheMaxAge` where that is less.
   */
  readonly cooldown?: Duration | undefined;
  /** How long a fetch may take, body included. Default `"5s"`. */
  readonly timeout?: Duration | undefined;
  /** Fetches the keys, for a proxy or a test. Default: the global `fetch`, as it is at each call. */
  readonly fetch?: JwksFetch | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A JSON Web Key Set (RFC 7517, section 5), as `auth.jwks()` gives it or as it was parsed from JSON. */
export interface JwksInput {
  readonly keys: readonly object[];
}

/** As much of the global `fetch` as is needed. It has to obey `redirect: "manual"` and `signal`. */
export type JwksFetch = (url: string, init: RequestInit) => Promise<Response>;
