import type { AuthEvent } from "../domain/auth-event.ts";
import type { Duration } from "../domain/duration.ts";
import type { PasswordPolicy } from "../domain/password-policy.ts";
import type { Features } from "../feature.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { PasswordHasher } from "../ports/password-hasher.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import type { NoClaims } from "./auth.ts";
import type { HooksOptions } from "./hooks.ts";

export type * from "./hooks.ts";

/** `"5/1m"`: five attempts a minute. */
export type RateRuleText = `${number}/${number}${"ms" | "s" | "m" | "h" | "d"}`;

/**
 * The options of `createAuth`. An unknown option is an error. docs/configuration.md lists every default.
 * `Claims` is what `hooks.claims` adds to tokens; it is inferred.
 */
export interface AuthOptions<Claims extends object = NoClaims> {
  /**
   * At least 32 random bytes as text (`npx sallyport secret`). A key for each purpose is derived from it. Of
   * several secrets the first makes tokens and all verify them: docs/keys.md shows how to rotate them.
   */
  readonly secret: string | readonly string[] | undefined;
  /**
   * Private JWKs (`npx sallyport keys generate`). The first one signs access tokens, and other services verify
   * them by `GET /auth/jwks.json`. Default: HS256 with a key derived from `secret`.
   */
  readonly signingKeys?: readonly SigningJwk[] | undefined;
  /** `kyselyStore(db)`, `sqliteStore(path)`, `memoryStore()`, or your own adapter. */
  readonly store: AuthStore;
  /** The `iss` claim of every token; checked on every token. Default `"sallyport"`. */
  readonly issuer?: string | undefined;
  /** The `aud` claim of every token; checked on every token. Default `"sallyport"`. */
  readonly audience?: string | undefined;
  /** Default: `memoryRateLimiter()`, which counts the attempts of this process only. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly limits?: LimitsOptions | undefined;
  readonly session?: SessionOptions | undefined;
  readonly password?: PasswordOptions | undefined;
  readonly retention?: RetentionOptions | undefined;
  readonly hooks?: HooksOptions<Claims> | undefined;
  /** Called with every audit event after it is stored. An error in it goes to `onError` and changes nothing. */
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  /** Called with faults, and with outages and their `cause`: callers do not see these in full. Default: none. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/** The option `features`: opt-in features, each under its own name. `auth.<name>` has the calls of the feature. */
export interface FeatureOptions<F extends Features = Features> {
  readonly features: F;
}

/** A private JWK (RFC 7517) of Ed25519 or P-256, as `npx sallyport keys generate` writes it. */
export interface SigningJwk {
  readonly kty: string;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly d?: string | undefined;
  /** The key's name in the header of its tokens. Default: its thumbprint (RFC 7638). */
  readonly kid?: string | undefined;
  /** `EdDSA` (default) or `Ed25519` for an Ed25519 key, `ES256` for a P-256 key. */
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
}

/** `false` switches a rule off. */
export interface LimitsOptions {
  readonly login?: LoginLimitsOptions | undefined;
  readonly signup?: SignupLimitsOptions | undefined;
  readonly refresh?: RefreshLimitsOptions | undefined;
  readonly reauthenticate?: ReauthenticateLimitsOptions | undefined;
}

export interface LoginLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one account, existing or not, from all unknown devices together. Default `["10/15m", "100/24h"]`. */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
  /** For one device with its device token, in place of the account's rules. Default `"10/15m"`. */
  readonly device?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface SignupLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
}

export interface RefreshLimitsOptions {
  /** Forged tokens from one client address. It also bounds the events of refused genuine tokens. Default `"30/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** Genuine tokens of one session. Default `"30/1m"`. */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

/** For the calls that ask a signed-in user for the password: `reauthenticate` and `password.change`. */
export interface ReauthenticateLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one session: a thief of it cannot use up the budget of the others. Default `["10/15m", "100/24h"]`. */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface SessionOptions {
  /**
   * Lifetime of an access token. Default `"24h"`. The default is `"15m"` where a token is verified without its
   * session: with `check: "never"`, and with `signingKeys`, which other services verify by.
   */
  readonly accessTtl?: Duration | undefined;
  /** Lifetime of a session, also when it is refreshed. Default `"30d"`. */
  readonly refreshTtl?: Duration | undefined;
  /** Lifetime of a session that is not refreshed. Default `"14d"`. */
  readonly idleTtl?: Duration | undefined;
  /** How long the previous refresh token still works; it gets the same successor again. Default `"10s"`. */
  readonly grace?: Duration | 0 | undefined;
  /**
   * The share of `accessTtl` by which a refreshed access token may end early, at random: clients that refresh
   * together do not come back together. 0 to 0.5, default 0.1.
   */
  readonly jitter?: number | undefined;
  /** The most live sessions of a user; one more login ends the oldest. Default 50. */
  readonly max?: number | undefined;
  /** When `verifyToken` reads the session. Default `"always"`, so that logout means logout. */
  readonly check?: SessionCheckOption | undefined;
}

/**
 * `"always"`: at each call. `{ atMostEvery }`: not again within this time (`"1s"` to `"5m"`), so a session that
 * another process ended is accepted for that long. `"never"`: not at all, so the access tokens of an ended
 * session work until they expire.
 */
export type SessionCheckOption = "always" | "never" | { readonly atMostEvery: Duration };

export interface PasswordOptions {
  /** Default `passwordPolicies.standard`. */
  readonly policy?: PasswordPolicy | undefined;
  /**
   * Asks a breach service about a new password. An error in it goes to `onError` and counts as "no": a service
   * that is down must not stop signups. Give the request a timeout of your own.
   */
  readonly isBreached?: ((password: string) => boolean | Promise<boolean>) | undefined;
  readonly hashing?: HashingOptions | undefined;
  /** Default: argon2id with `hashing`. */
  readonly hasher?: PasswordHasher | undefined;
}

/** How long `purge` keeps old events and ended sessions. Only `purge` deletes them. */
export interface RetentionOptions {
  /** Audit events, counted from `occurredAt`. Default `"180d"`, at least a day. */
  readonly events?: Duration | undefined;
  /** Sessions, counted from their revocation or expiry. Default `"30d"`; 0 keeps none. */
  readonly endedSessions?: Duration | undefined;
}

export interface HashingOptions {
  /** Memory of one argon2id hash in KiB, 19,456 (default, OWASP) to 262,144. */
  readonly memoryKiB?: number | undefined;
  /** Passes over that memory, 2 (default) to 16. */
  readonly passes?: number | undefined;
  /** Parallel hashes. Default: libuv's threads less two, at most the number of cores, at least 1. */
  readonly concurrency?: number | undefined;
  /** Callers that may wait for a hash. One more gets `overloaded`. Default 100. */
  readonly queue?: number | undefined;
}
