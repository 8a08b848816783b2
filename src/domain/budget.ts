import type { RateRule } from "./duration.ts";

/** The subject whose attempts a rule counts. */
export type LimitScope = "address" | "account" | "device" | "session";

/**
 * The number of attempts that are allowed. Each scope has a counter of its own for each of its rules. A scope without
 * rules is not counted. Two budgets of one name share their counters.
 */
export interface Budget extends Readonly<Partial<Record<LimitScope, readonly RateRule[]>>> {
  readonly name: string;
}

/** Returns the budget with only these of its scopes. */
export function onlyScopes(budget: Budget, ...scopes: readonly LimitScope[]): Budget {
  return { name: budget.name, ...Object.fromEntries(scopes.map((scope) => [scope, budget[scope]])) };
}
