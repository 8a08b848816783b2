import { type Guard, type GuardedServer, guardsOf } from "./guards/guarded.ts";
import { requirementPromises } from "./guards/requirements.ts";
import { tablePromises } from "./guards/table.ts";
import type { TestFunction } from "./store-suite.ts";

export type { Guard, GuardedServer } from "./guards/guarded.ts";

export interface GuardSuiteOptions {
  readonly test: TestFunction;
  /**
   * Starts a server with this guard, of a fresh `createAuth`: a store that can be taken away, a fake clock, a cheap
   * hasher, a `secret`, and every other option at its default. It is called several times in each test. The suite closes
   * it.
   */
  readonly open: (guard: Guard) => GuardedServer | Promise<GuardedServer>;
  /** For a handler in cookie mode: one of its `origins`. By default the handler is in bearer mode. */
  readonly origin?: string | undefined;
}

/**
 * Proves that the guards of an adapter pass on what `handler.authenticate` and `handler.identify` decide, on any
 * framework. A guard lets no request pass that they refuse, whatever is wrong with the requirements. An optional guard
 * hides neither another site nor an outage.
 */
export function guardSuite({ test, open, origin }: GuardSuiteOptions): void {
  const guards = guardsOf({ open, origin });
  for (const [promise, prove] of Object.entries({ ...tablePromises, ...requirementPromises }))
    test(promise, () => prove(guards));
}
