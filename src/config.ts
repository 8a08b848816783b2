import { availableParallelism } from "node:os";
import * as z from "zod";
import type { AuthEvent } from "./domain/auth-event.ts";
import { parseDuration, parseRateRule, type RateRule } from "./domain/duration.ts";
import { type PasswordPolicy, passwordPolicies } from "./domain/password-policy.ts";
import { secretWeakness } from "./domain/secret-strength.ts";
import { AuthError } from "./errors.ts";
import type { AuthOptions, UserCreatedHook } from "./options.ts";
import type { AuthStore } from "./ports/auth-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { PasswordHasher } from "./ports/password-hasher.ts";
import type { RateLimiter } from "./ports/rate-limiter.ts";

/** The options, parsed: every default in place, durations in milliseconds, `false` rules as none. */
export interface Settings {
  readonly secret: string;
  readonly store: AuthStore;
  readonly issuer: string;
  readonly audience: string;
  readonly rateLimiter?: RateLimiter | undefined;
  readonly limits: {
    readonly login: { readonly address: readonly RateRule[]; readonly account: readonly RateRule[] };
    readonly signup: { readonly address: readonly RateRule[] };
  };
  readonly session: { readonly accessTtl: number; readonly max: number };
  readonly password: PasswordSettings;
  readonly retention: { readonly events: number; readonly endedSessions: number };
  readonly hooks: { readonly userCreated?: UserCreatedHook | undefined };
  readonly onEvent?: ((event: AuthEvent) => unknown) | undefined;
  readonly onError?: ((error: unknown) => unknown) | undefined;
  readonly clock?: Clock | undefined;
}

interface PasswordSettings {
  readonly policy: PasswordPolicy;
  readonly isBreached?: ((password: string) => boolean | Promise<boolean>) | undefined;
  readonly hashing: HashingSettings;
  readonly hasher?: PasswordHasher | undefined;
}

export interface HashingSettings {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly concurrency: number;
  readonly queue: number;
}

/** How `insecureTestHasher()` names itself. */
const INSECURE_TEST_HASHER = "insecure-test-hasher";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const YEAR = 365 * DAY;
const ENDED_SESSIONS = "must be 0 or a duration of at most 3650 days";

const duration = z.union([z.string(), z.number()]).transform((value, issue) => {
  const ms = parseDuration(value);
  if (ms === null) issue.addIssue('must be a duration such as "15m", "24h" or whole milliseconds');
  return ms ?? z.NEVER;
});

const rule = z.string().transform((value, issue): RateRule => {
  const parsed = parseRateRule(value);
  if (!parsed) issue.addIssue('must be a rule such as "5/1m", or false to switch it off');
  return parsed ?? z.NEVER;
});

/** One rule, several, or `false`: always a list of rules afterwards. */
const rules = z
  .union(
    [z.literal(false), rule, z.array(rule).min(1)],
    'must be a rule such as "5/1m", a list of rules, or false',
  )
  .transform((value): readonly RateRule[] => (value === false ? [] : [value].flat()))
  .refine(isWithoutRepeats, "has the same rule twice: each attempt would count twice");

const addressRule = z
  .union([z.literal(false), rule], 'must be a rule such as "5/1m", or false to switch it off')
  .transform((value): readonly RateRule[] => (value === false ? [] : [value]));

const secret = z
  .string(
    "is missing: make one with `npx sallyport secret` or `openssl rand -base64 32` and keep it out of the code",
  )
  .superRefine((value, issue) => {
    const weakness = secretWeakness(value);
    if (weakness)
      issue.addIssue(`${weakness}: make one with \`npx sallyport secret\` or \`openssl rand -base64 32\``);
  });

const name = z.string().min(1, "must not be empty").max(255, "must have at most 255 characters");

const policy = z.strictObject({
  minLength: z.int().min(8, "must be at least 8 (NIST SP 800-63B)").max(64, "must be at most 64"),
  classes: z.array(z.enum(["upper", "lower", "digit"])),
  passphraseLength: z.int().min(15, "must be at least 15").max(64, "must be at most 64").nullable(),
});

const hashing = z.strictObject({
  memoryKiB: whole(19_456, 262_144, " (OWASP Password Storage Cheat Sheet)").default(19_456),
  passes: whole(2, 16, " (OWASP Password Storage Cheat Sheet)").default(2),
  concurrency: whole(1, 1024).default(defaultConcurrency),
  queue: whole(0, 100_000).default(100),
});

const password = z.strictObject({
  policy: policy.prefault(() => structuredClone(passwordPolicies.standard) as z.input<typeof policy>),
  isBreached: functionOption<NonNullable<PasswordSettings["isBreached"]>>().optional(),
  hashing: hashing.prefault({}),
  hasher: objectWith<PasswordHasher>("hash", "verify", "needsRehash").optional(),
});

const options = z.strictObject({
  secret,
  store: z.custom<AuthStore>(
    isStore,
    "must be a store: kyselyStore(db), sqliteStore(path), memoryStore(), or an adapter of your own",
  ),
  issuer: name.default("sallyport"),
  audience: name.default("sallyport"),
  rateLimiter: objectWith<RateLimiter>("consume", "refund").optional(),
  limits: z
    .strictObject({
      login: z
        .strictObject({
          address: addressRule.prefault("5/1m"),
          account: rules.prefault(["10/15m", "100/24h"]),
        })
        .prefault({}),
      signup: z.strictObject({ address: addressRule.prefault("5/1m") }).prefault({}),
    })
    .prefault({}),
  session: z
    .strictObject({
      accessTtl: duration
        .refine((ms) => ms >= MINUTE && ms <= YEAR, "must be between one minute and 365 days")
        .prefault("24h"),
      max: whole(1, 10_000).default(50),
      check: z.literal("always", 'must be "always", the only mode there is').default("always"),
    })
    .prefault({}),
  password: password.prefault({}),
  retention: z
    .strictObject({
      // A log that a purge could empty at once would not be one.
      events: duration
        .refine((ms) => ms >= DAY && ms <= 10 * YEAR, "must be between one day and 3650 days")
        .prefault("180d"),
      endedSessions: z
        .union([z.literal(0), duration], ENDED_SESSIONS)
        .refine((ms) => ms <= 10 * YEAR, ENDED_SESSIONS)
        .prefault("30d"),
    })
    .prefault({}),
  hooks: z.strictObject({ userCreated: functionOption<UserCreatedHook>().optional() }).prefault({}),
  onEvent: functionOption<NonNullable<Settings["onEvent"]>>().optional(),
  onError: functionOption<NonNullable<Settings["onError"]>>().optional(),
  clock: objectWith<Clock>("now").refine(tellsTime, "must answer now() with a valid Date").optional(),
});

/** Parses the options of `createAuth`, or throws `invalid_configuration` naming option and mend. */
export function parseOptions(raw: AuthOptions): Settings {
  const parsed = options.safeParse(raw);
  if (!parsed.success) throw configurationError(parsed.error.issues.map(describeIssue));
  const contradictions = findContradictions(raw);
  if (contradictions.length > 0) throw configurationError(contradictions);
  return parsed.data;
}

function whole(low: number, high: number, source = ""): z.ZodInt {
  return z.int().min(low, `must be at least ${low}${source}`).max(high, `must be at most ${high}`);
}

function isWithoutRepeats(list: readonly RateRule[]): boolean {
  return new Set(list.map(({ points, windowMs }) => `${points}/${windowMs}`)).size === list.length;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return `${path || "options"}: ${issue.message}`;
  const names = issue.keys.map((key) => (path ? `${path}.${key}` : key));
  return `${names.join(", ")}: no such option; check the spelling against docs/configuration.md`;
}

function findContradictions({ password: raw, secret, issuer, audience }: AuthOptions): readonly string[] {
  const problems: string[] = [];
  if (secret === issuer || secret === audience) {
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
  return new AuthError("invalid_configuration", { message: `createAuth: ${problems.join("; ")}` });
}

// argon2 and jose share libuv's threads: two stay free, or a token waits for other people's passwords.
function defaultConcurrency(): number {
  const threads = Number(process.env["UV_THREADPOOL_SIZE"]) || 4;
  return Math.max(1, Math.min(availableParallelism(), threads - 2));
}

function objectWith<T>(...methods: readonly (keyof T & string)[]): z.ZodType<T, T> {
  return z.custom<T>(
    (value) => isObject(value) && methods.every((method) => typeof value[method] === "function"),
    `must be an object with ${methods.join(", ")}`,
  );
}

function functionOption<T>(): z.ZodType<T, T> {
  return z.custom<T>((value) => typeof value === "function", "must be a function");
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
