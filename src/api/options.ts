import type { AuthEvent } from "../domain/auth-event.ts";
import type { Duration } from "../domain/duration.ts";
import type { PasswordPolicy } from "../domain/password-policy.ts";
import type { Features } from "../feature.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { PasswordHasher } from "../ports/password-hasher.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import type { NoClaims, PublicUser, SessionInfo } from "./auth.ts";

/** `"5/1m"`: five attempts in each minute. */
export type RateRuleText = `${number}/${number}${"ms" | "s" | "m" | "h" | "d"}`;

/**
 * The options of `createAuth`. Unknown ones are refused; every default stands in docs/configuration.md.
 * `Claims` is what `hooks.claims` adds to tokens; it is inferred.
 */
export interface AuthOptions<Claims extends object = NoClaims> {
  /**
   * At least 32 random bytes as text (`npx sallyport secret`). Every key is derived from it, one for each
   * purpose. Of several the first makes, all recognise: docs/keys.md shows how to rotate them.
   */
  readonly secret: string | readonly string[] | undefined;
  /**
   * Private JWKs (`npx sallyport keys generate`): access tokens are signed with the first, so that other
   * services can verify them by `GET /auth/jwks.json`. Default: HS256 with a key derived from `secret`.
   */
  readonly signingKeys?: readonly SigningJwk[] | undefined;
  /** `kyselyStore(db)`, `sqliteStore(path)`, `memoryStore()`, or your own adapter. */
  readonly store: AuthStore;
  /** The `iss` claim, checked on every token. Default `"sallyport"`. */
  readonly issuer?: string | undefined;
  /** The `aud` claim, checked on every token. Default `"sallyport"`. */
  readonly audience?: string | undefined;
  /** Default: `memoryRateLimiter()`, which counts for this process alone. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly limits?: LimitsOptions | undefined;
  readonly session?: SessionOptions | undefined;
  readonly password?: PasswordOptions | undefined;
  readonly retention?: RetentionOptions | undefined;
  readonly hooks?: HooksOptions<Claims> | undefined;
  /** Sees every audit event after it is stored. What it throws goes to `onError` and changes nothing. */
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  /** Sees failures that no caller sees in full: faults, and outages with their `cause`. Default: nowhere. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /** Default: the system's. */
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
  /** The name of the key in the header of its tokens. Default: its thumbprint (RFC 7638). */
  readonly kid?: string | undefined;
  /** `EdDSA` (default) or `Ed25519` for an Ed25519 key, `ES256` for one of P-256. */
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
}

/** A rule may be `false` to switch it off. */
export interface LimitsOptions {
  readonly login?: LoginLimitsOptions | undefined;
  readonly signup?: SignupLimitsOptions | undefined;
  readonly refresh?: RefreshLimitsOptions | undefined;
  readonly reauthenticate?: ReauthenticateLimitsOptions | undefined;
}

export interface LoginLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one account, known or not, from all unknown devices together. Default `["10/15m", "100/24h"]`. */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
  /** For one device that showed its token. It counts in place of the account's. Default `"10/15m"`. */
  readonly device?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface SignupLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
}

export interface RefreshLimitsOptions {
  /** Forged tokens, for one client address; and how many refused genuine ones are recorded. Default `"30/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** Genuine tokens, each time, for one session. Default `"30/1m"`. */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

/** For every question for the password of who is signed in: `reauthenticate` and `password.change`. */
export interface ReauthenticateLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one session. A thief of one session cannot use up the budget of the others. Default `["10/15m", "100/24h"]`. */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface SessionOptions {
  /**
   * Lifetime of an access token. Default `"24h"`; `"15m"` where nobody looks at the session before the token
   * ends: with `check: "never"`, and with `signingKeys`, by which other services verify.
   */
  readonly accessTtl?: Duration | undefined;
  /** Lifetime of a session, however often it is refreshed. Default `"30d"`. */
  readonly refreshTtl?: Duration | undefined;
  /** Lifetime of a session that is not refreshed. Default `"14d"`. */
  readonly idleTtl?: Duration | undefined;
  /** How long the refresh token before the last one is still answered, with the same successor. Default `"10s"`. */
  readonly grace?: Duration | 0 | undefined;
  /**
   * The share of `accessTtl` by which a refreshed access token may end early, so that clients which came
   * together do not come back together. 0 to 0.5, default 0.1.
   */
  readonly jitter?: number | undefined;
  /** Live sessions a user may have; a login beyond it ends the oldest. Default 50. */
  readonly max?: number | undefined;
  /** When `verifyToken` reads the session. Default `"always"`, so that logout means logout. */
  readonly check?: SessionCheckOption | undefined;
}

/**
 * `"always"`: at each call. `{ atMostEvery }`: a session that was read within this time (`"1s"` to `"5m"`) is
 * not read again, and what ended it in another process shows that much later. `"never"`: not at all; an ended
 * session's access tokens work until they end.
 */
export type SessionCheckOption = "always" | "never" | { readonly atMostEvery: Duration };

export interface PasswordOptions {
  /** Default `passwordPolicies.standard`. */
  readonly policy?: PasswordPolicy | undefined;
  /**
   * Asks a breach service about a new password. What it throws goes to `onError` and counts as "no": a
   * service that is down must not stop signups. Bound its time yourself.
   */
  readonly isBreached?: ((password: string) => boolean | Promise<boolean>) | undefined;
  readonly hashing?: HashingOptions | undefined;
  /** Default: argon2id with `hashing`. */
  readonly hasher?: PasswordHasher | undefined;
}

/** How long `purge` keeps what is over. Nothing is deleted before it is called. */
export interface RetentionOptions {
  /** Audit events, from the moment they tell of. Default `"180d"`, at least a day. */
  readonly events?: Duration | undefined;
  /** Sessions, after they were revoked or reached their end. Default `"30d"`; 0 keeps none. */
  readonly endedSessions?: Duration | undefined;
}

/** Code of the application that runs inside a flow, and decides with it. */
export interface HooksOptions<Claims extends object = NoClaims> {
  /** Runs in the transaction of a signup, so that rows of your own appear with the user or not at all. */
  readonly userCreated?: UserCreatedHook | undefined;
  /** Says what each new access token carries beside our claims: roles, a tenant. */
  readonly claims?: ClaimsHook<Claims> | undefined;
}

/**
 * Called for each access token, before anything is stored, but at signup: there after it, so that it finds
 * the rows of `userCreated`. What it answers stands in the token under one claim, `claims`, and in
 * `Principal["claims"]`, unchanged until the next token: at most 1 KiB of plain JSON, which every holder of
 * the token can read. What it throws, or an answer that is none of that, ends the call in `internal_error`;
 * `onError` gets the cause.
 */
export type ClaimsHook<Claims extends object> = (holder: ClaimsHolder) => Claims | Promise<Claims>;

/** Whom a token is for. */
export interface ClaimsHolder {
  readonly user: PublicUser;
  readonly session: SessionInfo;
}

/**
 * Called after user and password were stored, and before there is a session; it may return a promise. The
 * database may ask for the whole transaction again, so it may run more than once for one signup: do
 * everything through `tx`, and nothing that cannot be undone, such as mail.
 *
 * What it throws undoes the signup and leaves one failure event. An `AuthError` is the caller's answer;
 * anything else becomes `internal_error`, and `onError` gets the cause.
 */
export type UserCreatedHook = (created: UserCreated) => unknown;

export interface UserCreated {
  /** As `signup` will answer. Nobody outside of the transaction sees them yet. */
  readonly user: PublicUser;
  /** The store within the transaction. Of no use after it; the outer store throws inside of it. */
  readonly tx: AuthStore;
}

export interface HashingOptions {
  /** Memory of one argon2id hash in KiB, 19,456 (default, OWASP) to 262,144. */
  readonly memoryKiB?: number | undefined;
  /** Passes over that memory, 2 (default) to 16. */
  readonly passes?: number | undefined;
  /** Hashes at once. Default: what leaves two of libuv's threads free, at most the cores, at least 1. */
  readonly concurrency?: number | undefined;
  /** Callers that may wait for a hash; beyond it the answer is `overloaded`. Default 100. */
  readonly queue?: number | undefined;
}
