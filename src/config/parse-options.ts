import * as z from "zod";
import type { AuthOptions, ClaimsHook, FeatureOptions, UserCreatedHook } from "../api/options.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import type { SigningKey } from "../domain/private-jwks.ts";
import { type AuthError, misconfigured } from "../errors.ts";
import type { Features } from "../feature.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import { DAY, duration, functionOption, isObject, objectWith, YEAR } from "./fields.ts";
import { type LimitsSettings, limits } from "./limits.ts";
import { type PasswordSettings, password } from "./password.ts";
import { secrets } from "./secrets.ts";
import { type SessionSettings, session, sessionContradictions, sessionSettings } from "./session.ts";
import { signingKeys } from "./signing-keys.ts";

export type { HashingSettings } from "./password.ts";
export type { SessionCheckSetting } from "./session.ts";

/** The options, parsed: every default in place, durations in milliseconds, `false` rules as none. */
export interface Settings {
  /** The first makes, all recognise. */
  readonly secrets: readonly string[];
  /** None: access tokens are signed with keys derived from the secrets. */
  readonly signingKeys: readonly SigningKey[];
  readonly store: AuthStore;
  readonly issuer: string;
  readonly audience: string;
  readonly rateLimiter?: RateLimiter | undefined;
  readonly limits: LimitsSettings;
  readonly session: SessionSettings;
  readonly password: PasswordSettings;
  readonly retention: { readonly events: number; readonly endedSessions: number };
  readonly hooks: {
    readonly userCreated?: UserCreatedHook | undefined;
    readonly claims?: ClaimsHook<object> | undefined;
  };
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  readonly onError?: ((error: unknown) => unknown) | undefined;
  readonly clock?: Clock | undefined;
  readonly features: Features;
}

/** How `insecureTestHasher()` names itself. */
const INSECURE_TEST_HASHER = "insecure-test-hasher";
const ENDED_SESSIONS = "must be 0 or a duration of at most 3650 days";

// Control characters and halves of characters are written sixfold in a token, which has an end.
const name = z
  .string()
  .min(1, "must not be empty")
  .max(255, "must have at most 255 characters")
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must hold no control characters");

const retention = z.strictObject({
  // A log that a purge could empty at once would not be one.
  events: duration
    .refine((ms) => ms >= DAY && ms <= 10 * YEAR, "must be between one day and 3650 days")
    .prefault("180d"),
  endedSessions: z
    .union([z.literal(0), duration], ENDED_SESSIONS)
    .refine((ms) => ms <= 10 * YEAR, ENDED_SESSIONS)
    .prefault("30d"),
});

const hooks = z.strictObject({
  userCreated: functionOption<UserCreatedHook>().optional(),
  claims: functionOption<ClaimsHook<object>>().optional(),
});

const options = z.strictObject({
  secret: secrets,
  signingKeys: signingKeys.optional(),
  store: z.custom<AuthStore>(
    isStore,
    "must be a store: kyselyStore(db), sqliteStore(path), memoryStore(), or an adapter of your own",
  ),
  issuer: name.default("sallyport"),
  audience: name.default("sallyport"),
  rateLimiter: objectWith<RateLimiter>("consume", "refund").optional(),
  limits: limits.prefault({}),
  session: session.prefault({}),
  password: password.prefault({}),
  retention: retention.prefault({}),
  hooks: hooks.prefault({}),
  features: z.custom<Features>(isObject, "must be an object: each feature under its name").default({}),
  onEvent: functionOption<NonNullable<Settings["onEvent"]>>().optional(),
  onError: functionOption<NonNullable<Settings["onError"]>>().optional(),
  clock: objectWith<Clock>("now").refine(tellsTime, "must answer now() with a valid Date").optional(),
});

/** Parses the options of `createAuth`, or throws `invalid_configuration` naming option and mend. */
export function parseOptions<Claims extends object>(
  raw: AuthOptions<Claims> & Partial<FeatureOptions>,
): Settings {
  const parsed = options.safeParse(raw);
  if (!parsed.success) throw configurationError(parsed.error.issues.map(describeIssue));
  const { secret, signingKeys: keys = [], ...rest } = parsed.data;
  const lifetimes = sessionSettings(rest.session, keys.length > 0);
  const contradictions = [...sessionContradictions(lifetimes), ...findContradictions(raw, secret)];
  if (contradictions.length > 0) throw configurationError(contradictions);
  return { ...rest, secrets: secret, signingKeys: keys, session: lifetimes };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return `${path || "options"}: ${issue.message}`;
  const names = issue.keys.map((key) => (path ? `${path}.${key}` : key));
  return `${names.join(", ")}: no such option; check the spelling against docs/configuration.md`;
}

type Contradictory = Pick<AuthOptions, "password" | "issuer" | "audience">;

function findContradictions(
  { password: raw, issuer, audience }: Contradictory,
  secret: readonly string[],
): readonly string[] {
  const problems: string[] = [];
  if (secret.some((one) => one === issuer || one === audience)) {
    problems.push(
      "secret: is also the issuer or the audience, which stand in every token; give it to nothing else",
    );
  }
  if (raw?.hasher && (raw.hashing?.memoryKiB !== undefined || raw.hashing?.passes !== undefined)) {
    problems.push(
      "password.hasher: has parameters of its own; drop memoryKiB and passes of password.hashing",
    );
  }
  if (raw?.hasher?.name === INSECURE_TEST_HASHER && !isTestRun()) {
    problems.push(
      "password.hasher: insecureTestHasher() works in tests only (NODE_ENV=test); leave the option out",
    );
  }
  return problems;
}

function isTestRun(): boolean {
  return process.env["NODE_ENV"] === "test" || process.env["NODE_TEST_CONTEXT"] !== undefined;
}

function configurationError(problems: readonly string[]): AuthError {
  return misconfigured(`createAuth: ${problems.join("; ")}`);
}

function isStore(value: unknown): boolean {
  const rooms = ["users", "credentials", "sessions", "tokens", "events"];
  return (
    isObject(value) &&
    ["transaction", "purge", "close"].every((verb) => typeof value[verb] === "function") &&
    rooms.every((room) => isObject(value[room]))
  );
}

function tellsTime(clock: Clock): boolean {
  try {
    return !Number.isNaN(clock.now().getTime());
  } catch {
    return false;
  }
}
