import { jitteredPause } from "../jittered-pause.ts";
import { newScope } from "../store-gate.ts";
import { type Lane, type OuterLane, type StatementScope, transactionLane, unavailable } from "./lane.ts";

const MAX_ATTEMPTS = 3;

type Work<T> = (lane: Lane) => Promise<T>;

type Attempt<T> =
  | { readonly done: true; readonly value: T }
  /** `retryable`: the database, not `work`, gave up. */
  | { readonly done: false; readonly error: unknown; readonly retryable: boolean };

/** All of `work` or nothing; run again, whole, when the database asks for it. */
export async function runTransaction<T>(outer: OuterLane, work: Work<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(outer, work);
    if (outcome.done) return outcome.value;
    if (!outcome.retryable || attempt === MAX_ATTEMPTS) throw outcome.error;
    await jitteredPause(attempt);
  }
}

async function attemptOnce<T>(outer: OuterLane, work: Work<T>): Promise<Attempt<T>> {
  const scope: StatementScope = {
    ...newScope(),
    running: new Set(),
    driverError: undefined,
    workFailed: false,
  };
  try {
    outer.gate.assertOutside();
    if (!outer.preparation.done) await outer.preparation.run();
    // Stronger levels show the loser of a race a world in which it did not lose.
    const transaction = outer.db.transaction().setIsolationLevel("read committed");
    const value = await transaction.execute((trx) => {
      const lane = transactionLane({ trx, dialect: outer.dialect, scope });
      return settle(scope, () => outer.gate.enter(scope, async () => work(lane)));
    });
    return { done: true, value };
  } catch (error) {
    return failed(outer, scope, error);
  }
}

/** Runs `work` to its end, statements that it did not await included: none may run after the commit. */
async function settle<T>(scope: StatementScope, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    scope.workFailed = true;
    throw error;
  } finally {
    scope.active = false;
    await Promise.allSettled(scope.running);
    assertNoneFailed(scope);
  }
}

function assertNoneFailed({ workFailed, failure }: StatementScope): void {
  if (failure && !workFailed) throw failure;
}

function failed({ dialect }: OuterLane, scope: StatementScope, error: unknown): Attempt<never> {
  const retryable = dialect.isRetryable(scope.driverError ?? error);
  return { done: false, error: scope.workFailed ? error : unavailable(dialect, error), retryable };
}
