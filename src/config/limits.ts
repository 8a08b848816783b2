import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { parse, reading } from "../api/schema.ts";
import type { Budget, LimitScope } from "../domain/budget.ts";
import { misconfigured } from "../errors.ts";
import { describeIssue, oneRule, rules } from "./fields.ts";

/** The rules of a budget, as options write them. A missing scope is not counted. */
export type BudgetRules = Readonly<Partial<Record<LimitScope, string | readonly string[]>>>;

// One line a budget: its name in `limits` of `createAuth`, and its default rules.
const DEFAULTS = {
  login: {
    address: "5/1m",
    account: ["10/15m", "100/24h"],
    device: ["10/15m", "100/24h"],
    devices: ["30/15m", "300/24h"],
  },
  // An owner who forgot the account needs a few tries. A stranger must not fill the owner's trail with them.
  signup: { address: "5/1m", account: "5/15m" },
  refresh: { address: "30/1m", session: "30/1m" },
  // Colleagues behind one address must not lock each other out: one session spends a sixth of the address's points.
  reauthenticate: { address: "60/1m", session: ["10/15m", "100/24h"] },
  // Work, not guesses: right answers count too.
  changes: { session: "60/1m" },
  // For each purpose by itself. An inbox gets eight mails a day of a purpose, whatever strangers ask for.
  mail: {
    address: "5/1m",
    account: ["3/15m", "8/24h"],
    device: ["3/15m", "8/24h"],
    devices: ["6/15m", "16/24h"],
  },
  // Codes alone: a link has no guesses. Ten guesses a day in a million, over all proofs of an account.
  proof: { address: "10/1m", account: "10/24h" },
} as const;

/** The names that a feature's budget must not have: it would share the counters of the core. */
export const CORE_BUDGETS: readonly string[] = [
  ...Object.keys(DEFAULTS),
  "refresh-refused",
  "refresh-repeated",
  "logout",
  "ended-session",
  "foreign-session",
  "unknown-user",
  "cross-site",
  "mail-signup",
  "mail-password_reset",
  "mail-login",
  "mail-email_verification",
  "mail-resend",
  "mail-notice",
];

type Budgets = { readonly [Name in keyof typeof DEFAULTS]: Budget };

export interface LimitsSettings extends Budgets {
  /** The beginning of every key. Pools of users with one limiter must differ here. */
  readonly namespace: string;
}

/** `limits` before the namespace has its default. */
type ParsedLimits = Budgets & { readonly namespace?: string | undefined };

const namespace = z.lazy(() =>
  z.string("must be a text").check(
    z.minLength(1, "must not be empty"),
    z.maxLength(64, "must have at most 64 characters"),
    // No colon: a key must not read as one of another namespace.
    z.regex(/^[\w.-]*$/, "must hold only letters, digits, `.`, `_` and `-`"),
  ),
);

/** `limits` of `createAuth`: every budget with its rules. */
export const limits: z.ZodMiniType<ParsedLimits, unknown> = z.lazy(() => {
  const budgets = Object.entries(DEFAULTS).map(([name, defaults]) => [name, budget(name, defaults)]);
  const options = z.strictObject({ ...Object.fromEntries(budgets), namespace: z.optional(namespace) });
  return reading(options, (parsed) => parsed as unknown as ParsedLimits);
});

/** Gives the limits their namespace. By default it follows from the issuer and the audience. */
export function withNamespace(
  parsed: ParsedLimits,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
): LimitsSettings {
  // JSON keeps the two apart. A digest has one length, and no character that the names may have.
  const digest = createHash("sha256")
    .update(JSON.stringify([issuer, audience]))
    .digest("base64url");
  return { ...parsed, namespace: parsed.namespace ?? digest.slice(0, 16) };
}

/** One budget: an option for each scope of its defaults. `false` switches a scope off. */
function budget(name: string, defaults: BudgetRules): z.ZodMiniType<Budget, unknown> {
  const scopes = Object.entries(defaults).map(([scope, rule]) => {
    // An address has one rule: two would tell a client of two remainders.
    const field: z.ZodMiniType = scope === "address" ? oneRule : rules;
    return [scope, z.prefault(field, typeof rule === "string" ? rule : [...rule])];
  });
  const scoped = z.prefault(z.strictObject(Object.fromEntries(scopes)), {});
  return reading(scoped, (parsed): Budget => ({ name, ...parsed }));
}

/** The budget of a feature: its default rules under those that the application gave. */
export function featureBudget(name: string, defaults: BudgetRules, given: unknown): Budget {
  const parsed = parse(budget(name, defaults), given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, ["limits"]));
  throw misconfigured(`${name}: ${problems.join("; ")}`);
}
