import { pauseBeforeRerun } from "../shared/jittered-pause.ts";
import { newScope } from "../shared/store-gate.ts";
import {
  type Lane,
  MAX_ATTEMPTS,
  type OuterLane,
  type StatementScope,
  transactionLane,
  unavailable,
} from "./lane.ts";
import { type Loan, loanOf } from "./loan.ts";

/** `loan`: for statements of the application's own. */
type Work<T> = (lane: Lane, loan: Loan) => Promise<T>;

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
    await pauseBeforeRerun(attempt);
  }
}

async function attemptOnce<T>(outer: OuterLane, work: Work<T>): Promise<Attempt<T>> {
  const scope: StatementScope = {
    ...newScope(),
    running: new Set(),
    driverError: undefined,
    thrown: undefined,
  };
  try {
    outer.gate.assertOutside();
    if (!outer.preparation.done) await outer.preparation.run();
    const value = await outer.access.transaction((trx) => {
      const lane = transactionLane({ trx, dialect: outer.dialect, scope });
      const loan = loanOf(trx, lane);
      const whole = async (): Promise<T> => {
        const result = await work(lane, loan);
        await loan.settle();
        return result;
      };
      return settle(scope, () => outer.gate.enter(scope, whole));
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
    scope.thrown = { error };
    throw error;
  } finally {
    scope.active = false;
    await Promise.allSettled(scope.running);
    assertNoneFailed(scope);
  }
}

function assertNoneFailed({ thrown, failure }: StatementScope): void {
  if (failure && !thrown) throw failure;
}

function failed({ dialect }: OuterLane, scope: StatementScope, met: unknown): Attempt<never> {
  // Where the connection is gone the rollback fails too, and its error hides what `work` threw.
  const error = scope.thrown ? scope.thrown.error : met;
  const retryable = dialect.isRetryable(scope.driverError ?? error);
  // An application's own statement that met a deadlock three times is an outage too, not a fault of its code.
  const passes = scope.thrown !== undefined && !dialect.isRetryable(error);
  return { done: false, error: passes ? error : unavailable(dialect, error), retryable };
}
