import type { RateRule } from "./duration.ts";

/** Whose attempts a rule counts. */
export type LimitScope = "address" | "account" | "device" | "session";

/**
 * How often something may be tried. Each scope has a counter of its own for each of its rules; a scope without rules is
 * not counted. Two budgets of one name share their counters.
 */
export interface Budget extends Readonly<Partial<Record<LimitScope, readonly RateRule[]>>> {
  readonly name: string;
}

/** A budget with only these of its scopes. */
export function onlyScopes(budget: Budget, ...scopes: readonly LimitScope[]): Budget {
  return { name: budget.name, ...Object.fromEntries(scopes.map((scope) => [scope, budget[scope]])) };
}
