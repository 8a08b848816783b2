import { CompiledQuery, type QueryResult, type Transaction } from "kysely";
import { assertActive, newScope, type TransactionScope } from "../shared/store-gate.ts";
import type { Line } from "./access.ts";
import { type Loan, lend } from "./kysely-transaction.ts";
import { failure, type Outside, type Runner, rerun } from "./runner.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Tables } from "./tables.ts";

/** `loan`: for statements of the application's own. */
type Work<T> = (runner: Runner, loan: Loan) => Promise<T>;

/** One run of a transaction. */
interface Attempt extends TransactionScope {
  /** The statements that have not been answered yet. */
  readonly running: Set<Promise<unknown>>;
  /** The failure as the driver threw it: it decides whether the transaction runs again. */
  driverError: unknown;
  /** What `work` threw: the caller gets it as it is. */
  thrown: { readonly error: unknown } | undefined;
}

/** All of `work` or nothing. It runs again, whole, when the database asks for it. */
export async function runTransaction<T>(outside: Outside, work: Work<T>): Promise<T> {
  const { dialect } = outside;
  let attempt = newAttempt();
  const attemptOnce = (line: Line): Promise<T> => {
    attempt = newAttempt();
    return runOnce({ ...outside, line }, attempt, work);
  };
  const isRetryable = (error: unknown): boolean => dialect.isRetryable(attempt.driverError ?? error);
  try {
    return await outside.access.call((line) => rerun(() => attemptOnce(line), isRetryable));
  } catch (error) {
    // An application's own statement that met a deadlock three times is an outage, no fault of its code.
    throw attempt.thrown && !dialect.isRetryable(error) ? error : failure(dialect, error);
  }
}

function newAttempt(): Attempt {
  return { ...newScope(), running: new Set(), driverError: undefined, thrown: undefined };
}

async function runOnce<T>(
  outside: Outside & { readonly line: Line },
  attempt: Attempt,
  work: Work<T>,
): Promise<T> {
  try {
    await outside.ready();
    return await outside.line.transaction((trx) => {
      const runner = innerRunner(trx, outside.dialect, attempt);
      const loan = lend(trx, runner);
      const whole = async (): Promise<T> => {
        const result = await work(runner, loan);
        await loan.settle();
        return result;
      };
      return settle(attempt, () => outside.gate.enter(attempt, whole));
    });
  } catch (error) {
    // Where the connection is gone the rollback fails too, and its error hides what `work` threw.
    throw attempt.thrown ? attempt.thrown.error : error;
  }
}

/** Runs `work` to its end, with the statements that it did not await: none may run after the commit. */
async function settle<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    attempt.thrown = { error };
    throw error;
  } finally {
    attempt.active = false;
    await Promise.allSettled(attempt.running);
    assertNoneFailed(attempt);
  }
}

function assertNoneFailed({ thrown, failure }: Attempt): void {
  if (failure && !thrown) throw failure;
}

const SAVEPOINT: CompiledQuery = CompiledQuery.raw("savepoint sallyport");
const UNDO: CompiledQuery = CompiledQuery.raw("rollback to savepoint sallyport");
const RELEASE: CompiledQuery = CompiledQuery.raw("release savepoint sallyport");

/** Runs statements in the transaction. One that fails makes the whole transaction fail. */
function innerRunner(trx: Transaction<Tables>, dialect: SqlDialect, attempt: Attempt): Runner {
  const plain = trx.withoutPlugins();
  const fail = (error: unknown): never => {
    attempt.driverError ??= error;
    attempt.failure ??= failure(dialect, error);
    throw attempt.failure;
  };
  const ask = async <Row, Else>(query: CompiledQuery<Row>, onError: (error: unknown) => Else) => {
    assertActive(attempt);
    const answer: Promise<QueryResult<Row> | Else> = plain.executeQuery(query).catch(onError);
    attempt.running.add(answer);
    return answer.finally(() => attempt.running.delete(answer));
  };
  const runner: Runner = {
    run: (query) => ask(query, fail),
    insertUnlessTaken: (query) => ask(query, (error) => (dialect.isDuplicate(error) ? null : fail(error))),
    runUnlessTaken: async (query) => {
      if (!dialect.failureSpoils) return runner.insertUnlessTaken(query);
      await runner.run(SAVEPOINT);
      const result = await runner.insertUnlessTaken(query);
      await runner.run(result ? RELEASE : UNDO);
      return result;
    },
    runUnlessOrphaned: (query) => runner.run(query),
    together: (work) => work(runner),
  };
  return Object.freeze(runner);
}
