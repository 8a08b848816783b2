import type { RateRule } from "./duration.ts";

export const LIMIT_SCOPES = ["address", "account", "device", "devices", "session"] as const;

/** The subject whose attempts a rule counts. `devices`: all known devices of an account together. */
export type LimitScope = (typeof LIMIT_SCOPES)[number];

/**
 * The number of attempts that are allowed. Each scope has a counter of its own for each of its rules. A scope without
 * rules is not counted. Two budgets of one name share their counters.
 */
export interface Budget extends Readonly<Partial<Record<LimitScope, readonly RateRule[]>>> {
  readonly name: string;
  /** The address counts wrong answers only: a right answer gives its point back, too. */
  readonly refundsAddress?: boolean | undefined;
}

/** Returns the budget with only these of its scopes. */
export function onlyScopes(budget: Budget, ...scopes: readonly LimitScope[]): Budget {
  const { name, refundsAddress } = budget;
  return { name, refundsAddress, ...Object.fromEntries(scopes.map((scope) => [scope, budget[scope]])) };
}
