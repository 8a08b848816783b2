/** The name of a warning, for programs. Codes are API. */
export type WarningCode =
  | "limit_off"
  | "loose_limit"
  | "long_lockout"
  | "long_access_token"
  | "long_session"
  | "weak_policy"
  | "volatile_store"
  | "ignored_header"
  | "no_client_address"
  | "unknown_address";

/**
 * Every warning: settings that start although they weaken a promise, and requests that show a mistake in the settings.
 * One line a code: the problem and the fix. docs/warnings.md explains each.
 */
export const WARNINGS: Readonly<Record<WarningCode, string>> = {
  limit_off: "these limits are switched off, so guesses are not bounded there: give a rule in place of false",
  loose_limit:
    "these rules allow more than 1,000 guesses a day, so they bound nothing: give a rule such as 100/24h",
  long_lockout:
    "the windows of these rules are longer than a day: a few wrong attempts lock their owner out for that long; " +
    "give windows of 24h at most",
  long_access_token:
    "access tokens live long: a stolen one works until then; shorten session.accessTtl, clients refresh by themselves",
  long_session:
    "a session lives for more than 90 days without any use: a lost device stays signed in; shorten session.idleTtl",
  weak_policy:
    "password.policy takes passwords of fewer than 15 characters of one kind: use passwordPolicies.standard, or a " +
    "minLength of 15",
  volatile_store:
    "the store keeps users, sessions and waiting mail in the memory of this process, which is in production: they are lost with " +
    "it; use kyselyStore or sqliteStore",
  ignored_header:
    "a request carried X-Forwarded-For, X-Real-IP or Forwarded from a peer that is not trusted, and the header was " +
    "ignored; behind a proxy all clients count as one: set trustedProxies. Without a proxy a client wrote the header",
  no_client_address:
    "clientAddress told null for a request: no address limit holds for it, so one client may try without a bound; tell " +
    "the address that your platform knows",
  unknown_address:
    "clientAddress told no address for a request to a route of your own: the calls of its caller have no address " +
    "limit, and their events name none; pass the platform on, as in handler.authenticate({ request, platform })",
};

/** A setting that weakens a promise. `onWarning` of `createAuth` gets each once. */
export interface AuthWarning {
  readonly code: WarningCode;
  /** The options, the problem and the fix, for the operator. It holds no secret and nothing of a request. */
  readonly message: string;
}

/** Makes a warning. `options`: the options that it is about. */
export function warningOf(code: WarningCode, options: readonly string[] = []): AuthWarning {
  const subject = options.length > 0 ? `${options.join(", ")}: ` : "";
  return Object.freeze({ code, message: `${subject}${WARNINGS[code]} (docs/warnings.md#${code})` });
}
