import type { AuthEvent } from "../domain/auth-event.ts";
import type { Duration } from "../domain/duration.ts";
import type { PasswordPolicy } from "../domain/password-policy.ts";
import type { AuthWarning } from "../domain/warnings.ts";
import type { Features } from "../feature.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { Mailer } from "../ports/mailer.ts";
import type { PasswordHasher } from "../ports/password-hasher.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import type { NoClaims } from "./auth.ts";
import type { HooksOptions } from "./hooks.ts";
import type { LimitsOptions } from "./limits-options.ts";
import type { EmailOptions, MailOptions } from "./mail-options.ts";
import type { SignupOptions } from "./signup-fields.ts";

export type * from "./hooks.ts";
export type * from "./limits-options.ts";
export type * from "./mail-options.ts";
export type * from "./signup-fields.ts";

/**
 * The options of `createAuth`. An unknown option is an error. docs/configuration.md lists every default.
 * `Claims` is the type of what `hooks.claims` adds to tokens. `Fields` and `Parsed` are the input and the output of the
 * schema in `signup.fields`. All three are inferred.
 */
export interface AuthOptions<Claims extends object = NoClaims, Fields = unknown, Parsed = undefined> {
  /**
   * At least 32 random bytes as text (`npx sallyport secret`). A key for each purpose is derived from it. If there
   * are several secrets, the first one makes tokens and all verify them. docs/keys.md shows how to rotate them.
   */
  readonly secret: string | readonly string[] | undefined;
  /**
   * Private JWKs (`npx sallyport keys generate`). The first one signs access tokens. Other services verify
   * the tokens by `GET /auth/jwks.json`. Default: HS256 with a key derived from `secret`.
   */
  readonly signingKeys?: readonly SigningJwk[] | undefined;
  /** `kyselyStore(db)`, `sqliteStore(path)`, `memoryStore()`, or your own adapter. */
  readonly store: AuthStore;
  /** The `iss` claim that every token carries and must carry. Default `"sallyport"`. */
  readonly issuer?: string | undefined;
  /** The `aud` claim that every token carries and must carry. Default `"sallyport"`. */
  readonly audience?: string | undefined;
  /** Default: `memoryRateLimiter()`, which counts the attempts of this process only. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly limits?: LimitsOptions | undefined;
  readonly session?: SessionOptions | undefined;
  readonly password?: PasswordOptions | undefined;
  readonly retention?: RetentionOptions | undefined;
  readonly signup?: SignupOptions<Fields, Parsed> | undefined;
  readonly hooks?: HooksOptions<Claims, Parsed> | undefined;
  /** Sends mail: `nodemailerMailer(...)`, or your own. It needs `mail.page`. Default: the library sends no mail. */
  readonly mailer?: Mailer | undefined;
  readonly mail?: MailOptions | undefined;
  readonly email?: EmailOptions | undefined;
  /** Called with every audit event after it is stored. Its errors go to `onError` and change nothing. */
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  /** Called with faults and outages, with their `cause`. A caller does not see the cause. Default: no call. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /**
   * Called once for each warning: a setting that starts although it weakens a promise. Default: the process emits a
   * `SallyportWarning`, which Node prints. docs/warnings.md lists them.
   */
  readonly onWarning?: ((warning: AuthWarning) => unknown) | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/** The option `features`: opt-in features, each under its own name. `auth.<name>` holds the calls of the feature. */
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

export interface SessionOptions {
  /**
   * Lifetime of an access token. Default `"24h"`. The default is `"15m"` if tokens can be verified without their
   * session: with `check: "never"`, and with `signingKeys`, by which other services verify.
   */
  readonly accessTtl?: Duration | undefined;
  /** Lifetime of a session. A refresh does not extend it. Default `"30d"`. */
  readonly refreshTtl?: Duration | undefined;
  /** Lifetime of a session that is not refreshed. Default `"14d"`. */
  readonly idleTtl?: Duration | undefined;
  /** How long the previous refresh token still works. It gets the same successor again. Default `"10s"`. */
  readonly grace?: Duration | 0 | undefined;
  /**
   * The share of `accessTtl` by which a refreshed access token may end early, at random. So clients that refresh
   * together do not return together. 0 to 0.5, default 0.1.
   */
  readonly jitter?: number | undefined;
  /** The most live sessions of a user at this application. A further login ends the oldest one. Default 50. */
  readonly max?: number | undefined;
  /** How often `verifyToken` reads the session. Default `"always"`: a logout takes effect at once. */
  readonly check?: SessionCheckOption | undefined;
}

/**
 * `"always"`: `verifyToken` reads the session at each call. `{ atMostEvery }`: at most once within this time (`"1s"`
 * to `"5m"`). A session that another process ended is accepted for that long. `"never"`: it does not read the
 * session. The access tokens of an ended session work until they expire.
 */
export type SessionCheckOption = "always" | "never" | { readonly atMostEvery: Duration };

export interface PasswordOptions {
  /** Default `passwordPolicies.standard`. */
  readonly policy?: PasswordPolicy | undefined;
  /**
   * Asks a breach service about a new password. Its errors go to `onError` and count as "no", as does no answer within
   * 5 seconds: a service that is down must not stop signups.
   */
  readonly isBreached?: ((password: string) => boolean | Promise<boolean>) | undefined;
  readonly hashing?: HashingOptions | undefined;
  /** Default: argon2id with `hashing`. */
  readonly hasher?: PasswordHasher | undefined;
}

/** How long `purge` keeps old events, ended sessions and mail that was given up. Only `purge` deletes them. */
export interface RetentionOptions {
  /** Audit events, counted from `occurredAt`. Default `"180d"`, at least a day. */
  readonly events?: Duration | undefined;
  /** Sessions, counted from their revocation or expiry. Default `"30d"`. With 0, `purge` deletes all ended sessions. */
  readonly endedSessions?: Duration | undefined;
  /** Mail that was given up, counted from that moment. Default `"7d"`. With 0, `purge` deletes all of it. */
  readonly deadMail?: Duration | undefined;
}

export interface HashingOptions {
  /** Memory of one argon2id hash in KiB: 19,456 (default, OWASP) to 262,144. */
  readonly memoryKiB?: number | undefined;
  /** Passes over that memory: 2 (default) to 16. */
  readonly passes?: number | undefined;
  /** Hashes that run at once. Default: the cores plus one, at most libuv's threads minus one, at least 1. */
  readonly concurrency?: number | undefined;
  /** Callers that may wait for a hash. A further caller gets `overloaded`. Default 100. */
  readonly queue?: number | undefined;
}
