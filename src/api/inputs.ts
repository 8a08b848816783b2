import type { AuthEventOutcome, OwnEventType } from "../domain/vocabulary.ts";
import type { WithFields } from "./signup-fields.ts";

// The inputs of the calls of `Auth`. `input-schemas.ts` checks them.

export interface PurgeOptions {
  /** No batch begins after this many whole milliseconds. The first batch always runs. Default: no bound. */
  readonly maxMs?: number | undefined;
}

/** The session that a sign-in ends when it succeeds. */
export interface Replacement {
  /**
   * The refresh token of the session that is open on this device, if there is one. A success ends that session: no
   * token of it works any more (ASVS 5.0, 7.2.4). A forged token, or one of another application, is ignored.
   */
  readonly refreshToken?: string | undefined;
}

/** `Fields`: the input of the schema in the option `signup.fields`. Without the option there are no `fields`. */
export type SignupInputWith<Fields> = SignupInput & WithFields<Fields>;

export interface SignupInput extends Replacement {
  /** At most 254 bytes. The local part is ASCII; the domain may be internationalised. */
  readonly email: string;
  /** At most 1,024 bytes. It is normalised to NFC before a comparison. */
  readonly password: string;
}

export interface LoginInput extends Replacement {
  readonly email: string;
  readonly password: string;
  /**
   * `deviceToken` of an earlier sign-in to this account. With it, guesses of strangers do not count against this
   * login, and failures of this login do not count against the account. A device token is ignored if it is forged,
   * expired, of another account or application, or from before a change of the password or the status.
   */
  readonly deviceToken?: string | undefined;
}

/** The proof that the signed-in user gives again. Features add further kinds. */
export type ReauthenticateInput = PasswordProof;

export interface PasswordProof {
  readonly password: string;
}

export interface PasswordChangeInput {
  readonly currentPassword: string;
  /** The rules of a signup apply. */
  readonly newPassword: string;
}

/** The two halves that confirm a mail in the browser that asked for it: what that browser kept, and the code. */
export interface ChallengeWithCode {
  /** `challengeToken` of the answer to the call that sent the mail. */
  readonly challengeToken: string;
  /** The digits in the mail. Spaces and hyphens are ignored. */
  readonly code: string;
}

/** The same with the link of the mail in place of its code. */
export interface ChallengeWithLink {
  readonly challengeToken: string;
  /** The token in the link of the mail: what follows `sallyport=<purpose>.` there. */
  readonly link: string;
}

/** What confirms a mail in the browser that asked for it. The link alone confirms nothing: a mail scanner opens links. */
export type ChallengeProof = ChallengeWithCode | ChallengeWithLink;

/** What confirms a mail in any browser: its link, and a new password. */
export interface LinkWithPassword {
  readonly link: string;
  /** The new password. The rules of a signup apply. */
  readonly password: string;
}

/** What confirms a reset in the browser that asked for it, without the link. */
export interface CodeWithPassword extends ChallengeWithCode {
  /** The new password. The rules of a signup apply. */
  readonly password: string;
}

/** What finishes a reset of the password. */
export type ResetInput = LinkWithPassword | CodeWithPassword;

/** What confirms a signup: in the browser of the signup its password counts, in another one a new password. */
export type SignupConfirmation = (ChallengeProof | LinkWithPassword) & Replacement;

/** What confirms a mail that a signed-in user asked for: the session, and the link or the code. */
export type SessionProof = { readonly link: string } | ChallengeWithCode;

export interface ResetRequestInput {
  readonly email: string;
  /** `deviceToken` of an earlier sign-in to this account. With it, requests of strangers do not count against this one. */
  readonly deviceToken?: string | undefined;
}

export interface ResendInput {
  /** `challengeToken` of the answer to the call that sent the mail. */
  readonly challengeToken: string;
}

/** The client that calls. The events record it, and the address limits count by `ip`. */
export interface ClientInfo {
  /** The client's address. Null for a job or a script: no address limit counts, and the events hold no address. */
  readonly ip: string | null;
  readonly userAgent?: string | undefined;
  /** The language of mails to the user, as a BCP 47 tag: `de-AT`. A text that is not such a tag is ignored. */
  readonly locale?: string | undefined;
  /** Your id of the request. With it you find the request in the audit log. */
  readonly requestId?: string | undefined;
  /** Called before the answer, for each rule that counted the address. Your own routes can send `RateLimit` fields. */
  readonly onRateLimit?: ((status: RateLimitStatus) => unknown) | undefined;
}

/**
 * The client of an operator's call. `by` and `reason` are for your staff: `data` of the event has them, and no user
 * sees them.
 */
export interface Operator extends ClientInfo {
  /** The person or program that acts: an id or a name of your own, at most 120 characters. */
  readonly by?: string | undefined;
  /** At most 500 characters. */
  readonly reason?: string | undefined;
}

/** The state of one rule of an address. It is the same for every account, so it reveals nothing about one. */
export interface RateLimitStatus {
  /** Attempts that the rule allows in each window. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Attempts that remain now. */
  readonly remaining: number;
  /** Whole seconds, rounded up, until the window ends. If no attempt remains: until the next one is allowed. */
  readonly resetSeconds: number;
}

export interface EventsPageInput {
  /** Events on a page, 1 to 100. Default 20. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
  /** Only events of these types. */
  readonly type?: readonly OwnEventType[] | undefined;
  /** Only events with these outcomes. */
  readonly outcome?: readonly AuthEventOutcome[] | undefined;
}

export interface VerifyOptions {
  /** Throws `forbidden` unless the token belongs to this user. An explicit `undefined` matches no user. */
  readonly userId: string;
}
