import { CompiledQuery, type QueryResult, type Transaction } from "kysely";
import { type AuthError, isAuthError } from "../../errors.ts";
import { assertActive, misuse, newScope, type TransactionScope } from "../shared/store-gate.ts";
import type { Line } from "./access.ts";
import { type Loan, lend, type Watch } from "./loan.ts";
import { readStatement, resultOf } from "./own-statement.ts";
import { failure, type Outside, ownFailure, type Runner, rerun } from "./runner.ts";
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
    const cause = attempt.driverError ?? error;
    // An application's own statement that met a deadlock three times is an outage, no fault of its code.
    if (dialect.isRetryable(cause)) throw failure(dialect, cause);
    throw attempt.thrown ? error : failure(dialect, error);
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
      const { runner, runOwn } = statementsIn(trx, outside, attempt);
      const loan = { ...lend(trx, runner, watching(outside, attempt)), run: runOwn };
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

interface Statements {
  readonly runner: Runner;
  readonly runOwn: Loan["run"];
}

type Ask = <Row, Else>(
  query: CompiledQuery<Row>,
  onError: (error: unknown) => Else,
) => Promise<QueryResult<Row> | Else>;

/** Runs statements in the transaction. One that fails makes the whole transaction fail. */
function statementsIn(trx: Transaction<Tables>, outside: Outside, attempt: Attempt): Statements {
  const executor = trx.withoutPlugins().getExecutor();
  const ask: Ask = async <Row, Else>(query: CompiledQuery<Row>, onError: (error: unknown) => Else) => {
    assertActive(attempt);
    const answer = executor.provideConnection(async (connection) => {
      assertGoesOn(attempt);
      try {
        return await connection.executeQuery<Row>(query);
      } catch (error) {
        return onError(error); // before the next statement gets the connection
      }
    });
    return track(attempt, answer);
  };
  return { runner: innerRunner(ask, outside, attempt), runOwn: ownRunner(ask, outside, attempt) };
}

/** Asked when the connection is free: a statement that waited for it may follow one that failed. */
function assertGoesOn({ failure, thrown }: Attempt): void {
  // The database may have rolled back: what comes now would commit by itself, outside of the transaction.
  if (failure) throw failure;
  if (thrown) throw misuse("The transaction is over: the work that asked for this has failed.");
}

function track<T>({ running }: Attempt, answer: Promise<T>): Promise<T> {
  running.add(answer);
  return answer.finally(() => running.delete(answer));
}

/** For statements that the application runs by itself. */
function watching({ dialect }: Outside, attempt: Attempt): Watch {
  return {
    assertOpen: () => assertActive(attempt),
    assertGoesOn: () => assertGoesOn(attempt),
    failed(error) {
      attempt.driverError ??= error;
      attempt.failure ??= ownFailure(dialect, error);
      return isAuthError(error) ? error : dialect.withoutValues(error);
    },
    track: (use) => track(attempt, use),
  };
}

function innerRunner(ask: Ask, { dialect }: Outside, attempt: Attempt): Runner {
  const failOf = ({ sql }: CompiledQuery<unknown>) =>
    failing(attempt, (error) => failure(dialect, error, sql));
  const runner: Runner = {
    run: (query) => ask(query, failOf(query)),
    insertUnlessTaken: (query) =>
      ask(query, (error) => (dialect.isDuplicate(error) ? null : failOf(query)(error))),
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

/** For statements of the application. */
function ownRunner(ask: Ask, { dialect, gate }: Outside, attempt: Attempt): Loan["run"] {
  const fail = failing(attempt, (error) => ownFailure(dialect, error));
  return async (statement) => {
    assertActive(attempt);
    if (!gate.isIn(attempt)) throw misuse("This `tx` belongs to another transaction than the one around it.");
    const own = readStatement(statement, dialect);
    return resultOf(await ask(own.query, fail), own);
  };
}

function failing(attempt: Attempt, judge: (error: unknown) => AuthError): (error: unknown) => never {
  return (error) => {
    attempt.driverError ??= error;
    attempt.failure ??= judge(error);
    throw attempt.failure;
  };
}
