import { LIMIT_SCOPES } from "../domain/budget.ts";
import type { RateRule } from "../domain/duration.ts";
import { type AuthWarning, type WarningCode, warningOf } from "../domain/warnings.ts";
import { DAY, HOUR } from "./fields.ts";
import type { Settings } from "./parse-options.ts";

const MOST_GUESSES_A_DAY = 1_000;
/** A checked token ends with its session. For a token without a check, nothing else does. */
const LONG_CHECKED = 7 * DAY;
const LONG_UNCHECKED = HOUR;
const LONG_IDLE = 90 * DAY;
const LONG_PASSWORD = 15;

/** Returns the options that a warning is about. An empty list: the warning does not apply. */
type Find = (settings: Settings) => readonly string[];

const FINDERS: Readonly<Partial<Record<WarningCode, Find>>> = {
  limit_off: (settings) => limitsWhere(settings, (rules) => rules.length === 0),
  loose_limit: (settings) =>
    limitsWhere(settings, (rules, place) => GUESSED.test(place) && rules.length > 0 && rules.every(isLoose)),
  long_lockout: (settings) => limitsWhere(settings, (rules) => rules.some(({ windowMs }) => windowMs > DAY)),
  long_access_token: (settings) => only("session.accessTtl", hasLongTokens(settings)),
  long_session: ({ session }) => only("session.idleTtl", session.idleTtl > LONG_IDLE),
  weak_policy: ({ password: { policy } }) =>
    only("password.policy", policy.minLength < LONG_PASSWORD && policy.classes.length === 0),
  volatile_store: ({ store }) => only("store", store.isVolatile === true && isProduction()),
};

/** The warnings about settings that start. */
export function findWarnings(settings: Settings): readonly AuthWarning[] {
  return Object.entries(FINDERS).flatMap(([code, find]) => {
    const options = find(settings);
    return options.length > 0 ? [warningOf(code as WarningCode, options)] : [];
  });
}

/** The limits on passwords of one account. An address has many users, and a refresh token cannot be guessed. */
const GUESSED = /\.(?:account|devices?)$|^limits\.reauthenticate\.session$/;

type Applies = (rules: readonly RateRule[], place: string) => boolean;

function limitsWhere({ limits }: Settings, applies: Applies): readonly string[] {
  const { namespace: _, ...budgets } = limits;
  return Object.values(budgets).flatMap((budget) =>
    LIMIT_SCOPES.map((scope) => [`limits.${budget.name}.${scope}`, budget[scope]] as const)
      .filter(([place, rules]) => rules && applies(rules, place))
      .map(([place]) => place),
  );
}

function isLoose({ points, windowMs }: RateRule): boolean {
  return (points * DAY) / windowMs > MOST_GUESSES_A_DAY;
}

function hasLongTokens({ session, signingKeys }: Settings): boolean {
  const isUnchecked = session.check === "never" || signingKeys.length > 0;
  return session.accessTtl > (isUnchecked ? LONG_UNCHECKED : LONG_CHECKED);
}

function only(option: string, applies: boolean): readonly string[] {
  return applies ? [option] : [];
}

function isProduction(): boolean {
  return process.env["NODE_ENV"] === "production";
}
