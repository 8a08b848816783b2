import type { Duration } from "../domain/duration.ts";
import type { MailTemplates } from "./mail.ts";

/** How mails look and when they go out. It needs `mailer`. */
export interface MailOptions {
  /**
   * The page of your application that answers links: an https URL without query and fragment, or http on localhost.
   * Links lead nowhere else. Required.
   */
  readonly page: string;
  /**
   * Where a link has its token. Default `"fragment"`: no server and no log gets it. With `"query"` the readers of the
   * page's access log could use it: only for mail gateways that cut fragments off.
   */
  readonly tokenIn?: "fragment" | "query" | undefined;
  /** The name of your application in mails, at most 64 characters. Default: `issuer`. */
  readonly name?: string | undefined;
  /**
   * `"in-process"` (default): each process that calls `createAuth` delivers what waits. `"manual"`: only
   * `auth.mail.deliver()` does, for a timer or a platform without long-lived processes.
   */
  readonly delivery?: "in-process" | "manual" | undefined;
  /** The digits of a code, 6 (default) to 10. `false`: mails bring a link and no code. */
  readonly codeDigits?: number | false | undefined;
  readonly ttl?: MailTtlOptions | undefined;
  readonly notices?: MailNoticesOptions | undefined;
  /** Whether a reset for an address without an account sends a mail that says so. Default `false`. */
  readonly unknownReset?: boolean | undefined;
  /** The language of readers whose own has no templates, as a BCP 47 tag. Default `"en"`. */
  readonly locale?: string | undefined;
  /** Your mails, by language and kind. They are laid over the library's, which are in English. Default `{}`. */
  readonly templates?: MailTemplates | undefined;
}

/** How long a link works. */
export interface MailTtlOptions {
  /** How long a code works without its link. `"1m"` to `"1h"`, default `"10m"`. */
  readonly code?: Duration | undefined;
  /** `"5m"` to `"7d"`, default `"24h"`. */
  readonly signup?: Duration | undefined;
  /** `"5m"` to `"24h"`, default `"1h"`. */
  readonly reset?: Duration | undefined;
  /** `"5m"` to `"7d"`, default `"24h"`. */
  readonly verification?: Duration | undefined;
}

/** Mails that tell a user what has happened to the account. Default: all. */
export interface MailNoticesOptions {
  /** A sign-in on a device that is not known. */
  readonly newDevice?: boolean | undefined;
  readonly passwordChanged?: boolean | undefined;
  /** A session was ended, because two parties used its refresh token. */
  readonly sessionReuse?: boolean | undefined;
}

export interface EmailOptions {
  /**
   * When a user proves that the address is theirs. `"required"`: before the account exists, so that signup answers alike
   * for free and taken addresses. `"later"`: the account exists at once, and its user can prove the address. `"off"`:
   * never. Default: `"required"` with a mailer, and `"off"` without one.
   */
  readonly verification?: "required" | "later" | "off" | undefined;
}
