import { AsyncLocalStorage } from "node:async_hooks";
import { AuthError } from "../../errors.ts";

/** One run of a transaction's `work`. */
export interface TransactionScope {
  /** True until `work` has settled: a `tx` kept for later must not write into another transaction. */
  active: boolean;
  /** The error of the first failed verb. `work` may catch it; the transaction still rolls back. */
  failure: AuthError | undefined;
}

/** Refuses every use of a store after `close`, and its use by the `work` of its own transaction. */
export interface StoreGate {
  assertOutside(): void;
  /** Whether the caller is in the `work` of exactly this run. */
  isIn(scope: TransactionScope): boolean;
  enter<T>(scope: TransactionScope, work: () => Promise<T>): Promise<T>;
  close(): void;
}

export function storeGate(): StoreGate {
  // Follows `work` through its awaits: other callers, which wait for the same lock, are not inside.
  const current = new AsyncLocalStorage<TransactionScope>();
  let closed = false;

  const assertNotInWork = (): void => {
    if (current.getStore()?.active) throw misuse("Inside a transaction use only the store it gives: `tx`.");
  };

  return Object.freeze<StoreGate>({
    assertOutside: () => {
      if (closed) throw new AuthError("unavailable", { cause: "The store was closed." });
      assertNotInWork();
    },
    isIn: (scope) => current.getStore() === scope,
    enter: <T>(scope: TransactionScope, work: () => Promise<T>) => current.run(scope, work),
    close: () => {
      assertNotInWork();
      closed = true;
    },
  });
}

export function newScope(): TransactionScope {
  return { active: true, failure: undefined };
}

export function assertActive(scope: TransactionScope): void {
  if (!scope.active) throw misuse("The transaction is over: its `tx` cannot be used any more.");
}

/** Stands for the verbs that the `tx` of a transaction refuses. */
export function refuseNested(): Promise<never> {
  return Promise.reject(misuse("A transaction is open: it can be neither nested nor closed from inside."));
}

export function misuse(message: string): AuthError {
  return new AuthError("internal_error", { message });
}
