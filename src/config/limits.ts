import * as z from "zod";
import type { Budget, LimitScope } from "../domain/budget.ts";
import { misconfigured } from "../errors.ts";
import { describeIssue, oneRule, rules } from "./fields.ts";

/** The rules of a budget, as options write them. A missing scope is not counted. */
export type BudgetRules = Readonly<Partial<Record<LimitScope, string | readonly string[]>>>;

// One line a budget: its name in `limits` of `createAuth`, and its default rules.
const DEFAULTS = {
  login: { address: "5/1m", account: ["10/15m", "100/24h"], device: "10/15m" },
  signup: { address: "5/1m" },
  refresh: { address: "30/1m", session: "30/1m" },
  reauthenticate: { address: "5/1m", session: ["10/15m", "100/24h"] },
} as const;

/** The names that a feature's budget must not have: it would share the counters of the core. */
export const CORE_BUDGETS: readonly string[] = [...Object.keys(DEFAULTS), "refresh-refused", "cross-site"];

export type LimitsSettings = { readonly [Name in keyof typeof DEFAULTS]: Budget };

/** `limits` of `createAuth`: every budget with its rules. */
export const limits: z.ZodType<LimitsSettings, unknown> = z
  .strictObject(
    Object.fromEntries(Object.entries(DEFAULTS).map(([name, defaults]) => [name, budget(name, defaults)])),
  )
  .transform((parsed) => parsed as LimitsSettings);

/** One budget: an option for each scope of its defaults. `false` switches a scope off. */
function budget(name: string, defaults: BudgetRules): z.ZodType<Budget, unknown> {
  const scopes = Object.entries(defaults).map(([scope, rule]) => {
    // An address has one rule: two would tell a client of two remainders.
    const field: z.ZodType = scope === "address" ? oneRule : rules;
    return [scope, field.prefault(typeof rule === "string" ? rule : [...rule])];
  });
  return z
    .strictObject(Object.fromEntries(scopes))
    .prefault({})
    .transform((parsed): Budget => ({ name, ...parsed }));
}

/** The budget of a feature: its default rules under those that the application gave. */
export function featureBudget(name: string, defaults: BudgetRules, given: unknown): Budget {
  const parsed = budget(name, defaults).safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, ["limits"]));
  throw misconfigured(`${name}: ${problems.join("; ")}`);
}
