// What the calls of `Auth` take. `input-schemas.ts` beside it checks each.

export interface PurgeOptions {
  /** No batch begins after so many whole milliseconds; the first always does. Default: no bound. */
  readonly maxMs?: number | undefined;
}

export interface SignupInput {
  /** At most 254 bytes; a local part of ASCII, a domain that may be internationalised. */
  readonly email: string;
  /** At most 1,024 bytes. It is compared after NFC. */
  readonly password: string;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  /**
   * `deviceToken` of an earlier sign-in to this account: then guesses of strangers do not count against this
   * login, nor its own against the account. One that is forged, old or another account's is none.
   */
  readonly deviceToken?: string | undefined;
}

/** A proof of who is signed in. Features add further kinds. */
export type ReauthenticateInput = PasswordProof;

export interface PasswordProof {
  readonly password: string;
}

export interface PasswordChangeInput {
  readonly currentPassword: string;
  /** By the rules of a signup. */
  readonly newPassword: string;
}

/** Who is calling. It is recorded, and `ip` is the key of the address limits. */
export interface ClientInfo {
  /** The client's address; `null` (a job, a script) has no address limit, and the events say so. */
  readonly ip: string | null;
  readonly userAgent?: string | undefined;
  /** Your id of the request, to find it again in the audit log. */
  readonly requestId?: string | undefined;
  /** Told of each rule that counted the address, before the answer: for `RateLimit` fields of your own routes. */
  readonly onRateLimit?: ((status: RateLimitStatus) => unknown) | undefined;
}

/** What is left of an address's rule. It is the same for every account, and says nothing of one. */
export interface RateLimitStatus {
  /** Attempts that the rule allows in each window. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Attempts that are left now. */
  readonly remaining: number;
  /** Whole seconds, rounded up: until the window ends or, when nothing is left, until there is more. */
  readonly resetSeconds: number;
}

export interface EventsPageInput {
  /** 1 to 100; 20 when not given. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface VerifyOptions {
  /** Refuse, with `forbidden`, a principal who is not this user; `undefined` is nobody. */
  readonly userId?: string;
}
