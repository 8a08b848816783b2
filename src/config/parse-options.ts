import * as z from "zod/mini";
import type { AuthOptions, FeatureOptions } from "../api/options.ts";
import { parse } from "../api/schema.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import type { SigningKey } from "../domain/private-jwks.ts";
import type { AuthWarning } from "../domain/warnings.ts";
import { type AuthError, misconfigured } from "../errors.ts";
import type { Features } from "../feature.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { Mailer } from "../ports/mailer.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import { findContradictions } from "./contradictions.ts";
import { type EmailSettings, email, emailSettings } from "./email.ts";
import { describeIssue, functionOption, isObject } from "./fields.ts";
import { type HooksSettings, hooks } from "./hooks.ts";
import { type LimitsSettings, limits, withNamespace } from "./limits.ts";
import { type MailSettings, mail, mailContradictions, mailer, mailSettings } from "./mail.ts";
import { type PasswordSettings, password } from "./password.ts";
import { clock, rateLimiter, store } from "./ports.ts";
import { type RetentionSettings, retention } from "./retention.ts";
import { secrets } from "./secrets.ts";
import { type SessionSettings, session, sessionContradictions, sessionSettings } from "./session.ts";
import { signingKeys } from "./signing-keys.ts";
import { type SignupSettings, signup } from "./signup.ts";
import { findWrongKinds } from "./wrong-kinds.ts";

export type { HashingSettings } from "./password.ts";
export type { SessionCheckSetting } from "./session.ts";

/** The parsed options: with all defaults, durations in milliseconds, and no rules for `false`. */
export interface Settings {
  /** The first makes tokens, all verify them. */
  readonly secrets: readonly string[];
  /** Empty: keys derived from the secrets sign access tokens. */
  readonly signingKeys: readonly SigningKey[];
  readonly store: AuthStore;
  readonly issuer: string;
  readonly audience: string;
  readonly rateLimiter?: RateLimiter | undefined;
  readonly limits: LimitsSettings;
  readonly session: SessionSettings;
  readonly password: PasswordSettings;
  readonly retention: RetentionSettings;
  readonly signup: SignupSettings;
  readonly hooks: HooksSettings;
  readonly mailer?: Mailer | undefined;
  /** Null: there is no mailer. */
  readonly mail: MailSettings | null;
  readonly email: EmailSettings;
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  readonly onError?: ((error: unknown) => unknown) | undefined;
  readonly onWarning?: ((warning: AuthWarning) => unknown) | undefined;
  readonly clock?: Clock | undefined;
  readonly features: Features;
}

// A token escapes a control character, or half a character, to six characters; its length is bounded.
const name = z.lazy(() =>
  z.string().check(
    z.minLength(1, "must not be empty"),
    z.maxLength(255, "must have at most 255 characters"),
    z.regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, "must hold no control characters"),
    // Another service compares the whole text: a space that no page shows would make two names of one.
    z.regex(/^(?!\s).*(?<!\s)$/su, "must not begin or end in white space"),
  ),
);

const options = z.lazy(() =>
  z.strictObject({
    secret: secrets,
    signingKeys: z.optional(signingKeys),
    store,
    issuer: z._default(name, "sallyport"),
    audience: z._default(name, "sallyport"),
    rateLimiter: z.optional(rateLimiter),
    limits: z.prefault(limits, {}),
    session: z.prefault(session, {}),
    password: z.prefault(password, {}),
    retention: z.prefault(retention, {}),
    signup: z.prefault(signup, {}),
    hooks: z.prefault(hooks, {}),
    mailer: z.optional(mailer),
    mail: z.optional(mail),
    email: z.prefault(email, {}),
    onEvent: z.optional(functionOption<NonNullable<Settings["onEvent"]>>()),
    onError: z.optional(functionOption<NonNullable<Settings["onError"]>>()),
    onWarning: z.optional(functionOption<NonNullable<Settings["onWarning"]>>()),
    clock: z.optional(clock),
    features: z._default(z.custom<Features>(isObject, "must be an object: each feature under its name"), {}),
  }),
);

/** Parses the options of `createAuth`, or throws `invalid_configuration` with the option and the fix. */
export function parseOptions<Claims extends object, Fields, Parsed>(
  raw: AuthOptions<Claims, Fields, Parsed> & Partial<FeatureOptions>,
): Settings {
  const parsed = parse(options, raw);
  const issues = parsed.error?.issues.map((issue) => describeIssue(issue)) ?? [];
  const problems = [...findWrongKinds(raw), ...issues];
  if (!parsed.success || problems.length > 0) throw configurationError(problems);
  const { secret, signingKeys: keys = [], ...rest } = parsed.data;
  const lifetimes = sessionSettings(rest.session, keys.length > 0);
  const contradictions = [
    ...sessionContradictions(lifetimes),
    ...mailContradictions(rest),
    ...findContradictions(raw, secret),
  ];
  if (contradictions.length > 0) throw configurationError(contradictions);
  return {
    ...rest,
    limits: withNamespace(rest.limits, rest),
    secrets: secret,
    signingKeys: keys,
    session: lifetimes,
    mail: mailSettings(rest),
    email: emailSettings(rest.email, rest.mailer !== undefined),
  };
}

function configurationError(problems: readonly string[]): AuthError {
  return misconfigured(`createAuth: ${problems.join("; ")}`);
}
