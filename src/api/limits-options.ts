/** `"5/1m"`: five attempts a minute. */
export type RateRuleText = `${number}/${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** `false` switches a rule off. */
export interface LimitsOptions {
  readonly login?: LoginLimitsOptions | undefined;
  readonly signup?: SignupLimitsOptions | undefined;
  readonly refresh?: RefreshLimitsOptions | undefined;
  readonly reauthenticate?: ReauthenticateLimitsOptions | undefined;
  readonly changes?: ChangesLimitsOptions | undefined;
  readonly mail?: MailLimitsOptions | undefined;
  readonly proof?: ProofLimitsOptions | undefined;
  /**
   * The beginning of every key of the limiter: 1 to 64 letters, digits, `.`, `_` and `-`. Pools of users that share a
   * limiter need different ones. Default: a digest of `issuer` and `audience`.
   */
  readonly namespace?: string | undefined;
}

export interface LoginLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one account, known or unknown, from all unknown devices together. Default `["10/15m", "100/24h"]`. */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
  /** For one device with its device token, in place of the account's rules. Default `["10/15m", "100/24h"]`. */
  readonly device?: RateRuleText | readonly RateRuleText[] | false | undefined;
  /** For all devices with a device token of one account together. Default `["30/15m", "300/24h"]`. */
  readonly devices?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface SignupLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /**
   * For one email, taken or free, from all addresses together. Default `"5/15m"`. Where verification is required,
   * `limits.mail.account` counts in its place.
   */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

export interface RefreshLimitsOptions {
  /** Forged tokens from one client address. It also bounds the events of refused genuine tokens. Default `"30/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** Genuine tokens of one session. Default `"30/1m"`. */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

/** For the calls that require the password of a signed-in user: `reauthenticate` and `password.change`. */
export interface ReauthenticateLimitsOptions {
  /** Wrong answers from one client address, of all its sessions together. Default `"60/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** For one session: its thief cannot use up the budget of other sessions. Default `["10/15m", "100/24h"]`. */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

/** For the calls of a signed-in user that change something or compute a hash. */
export interface ChangesLimitsOptions {
  /**
   * For one session: `reauthenticate`, `password.change`, `sessions.revoke` and `sessions.revokeOthers` together, right
   * answers included. The same number again of `logout`. Default `"60/1m"`.
   */
  readonly session?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

/** For the calls that send mail. Each purpose counts by itself. */
export interface MailLimitsOptions {
  /** For one client address. Default `"5/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /**
   * For one email, known or unknown, without its `+tag`, from all unknown devices together. Beyond it the answer is the
   * same, and no further mail goes out. Default `["3/15m", "8/24h"]`.
   */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
  /** For one device with its device token, in place of the account's rules. Default `["3/15m", "8/24h"]`. */
  readonly device?: RateRuleText | readonly RateRuleText[] | false | undefined;
  /** For all devices with a device token of one account together. Default `["6/15m", "16/24h"]`. */
  readonly devices?: RateRuleText | readonly RateRuleText[] | false | undefined;
}

/** For the calls that answer a mail. */
export interface ProofLimitsOptions {
  /** For one client address. Default `"10/1m"`. */
  readonly address?: RateRuleText | false | undefined;
  /** Codes for one email, over all its mails together. Links go on beyond it. Default `"10/24h"`. */
  readonly account?: RateRuleText | readonly RateRuleText[] | false | undefined;
}
