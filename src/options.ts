import type { PublicUser } from "./auth.ts";
import type { AuthEvent } from "./domain/auth-event.ts";
import type { Duration } from "./domain/duration.ts";
import type { PasswordPolicy } from "./domain/password-policy.ts";
import type { AuthStore } from "./ports/auth-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { PasswordHasher } from "./ports/password-hasher.ts";
import type { RateLimiter } from "./ports/rate-limiter.ts";

/** `"5/1m"`: five attempts in each minute. */
export type RateRuleText = `${number}/${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** The options of `createAuth`. Unknown ones are refused; every default stands in docs/configuration.md. */
export interface AuthOptions {
  /** At least 32 random bytes as text (`npx sallyport secret`). Every key is derived from it. */
  readonly secret: string | undefined;
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
  readonly hooks?: HooksOptions | undefined;
  /** Sees every audit event after it is stored. What it throws goes to `onError` and changes nothing. */
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  /** Sees failures that no caller sees in full: faults, and outages with their `cause`. Default: nowhere. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A rule may be `false` to switch it off. */
export interface LimitsOptions {
  readonly login?: LoginLimitsOptions | undefined;
  readonly signup?: SignupLimitsOptions | undefined;
}

export interface LoginLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one account, known or not, from all addresses together. Default `["10/15m", "100/24h"]`. */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface SignupLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
}

export interface SessionOptions {
  /** Lifetime of an access token and its session. Default `"24h"`. */
  readonly accessTtl?: Duration | undefined;
  /** Live sessions a user may have; a login beyond it ends the oldest. Default 50. */
  readonly max?: number | undefined;
  /** When `verifyToken` reads the session: `"always"`, so that logout means logout. */
  readonly check?: "always" | undefined;
}

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
export interface HooksOptions {
  /** Runs in the transaction of a signup, so that rows of your own appear with the user or not at all. */
  readonly userCreated?: UserCreatedHook | undefined;
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
