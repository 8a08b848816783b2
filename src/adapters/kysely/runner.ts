import type { CompiledQuery, QueryResult } from "kysely";
import { AuthError, isAuthError } from "../../errors.ts";
import { pauseBeforeRerun } from "../shared/jittered-pause.ts";
import type { StoreGate } from "../shared/store-gate.ts";
import type { Access } from "./access.ts";
import type { SqlDialect } from "./sql-dialect.ts";

const MAX_ATTEMPTS = 3;

/** Runs statements: each one alone, or all of them in one transaction. The verbs of a store stand on it. */
export interface Runner {
  run<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** Null: a unique key is taken. For an INSERT that ends with the dialect's `unlessTaken`. */
  insertUnlessTaken(query: CompiledQuery<unknown>): Promise<QueryResult<unknown> | null>;
  /** Null: a unique key is taken; a transaction goes on. For any other statement. */
  runUnlessTaken(query: CompiledQuery<unknown>): Promise<QueryResult<unknown> | null>;
  /** Null: what a row refers to is gone. A transaction fails instead. */
  runUnlessOrphaned(query: CompiledQuery<unknown>): Promise<QueryResult<unknown> | null>;
  /** Several statements as one: in the transaction, or in one of their own. */
  together<T>(work: (runner: Runner) => Promise<T>): Promise<T>;
}

/** What statements and transactions need of the store that starts them. */
export interface Outside {
  readonly access: Access;
  readonly dialect: SqlDialect;
  readonly gate: StoreGate;
  /** Refuses misuse, and prepares the tables before the first statement. */
  readonly ready: () => Promise<void> | undefined;
}

/** Runs each statement alone. */
export function outerRunner(outside: Outside, together: Runner["together"]): Runner {
  const { dialect } = outside;
  const fail = failWith(dialect);
  const unlessTaken = (query: CompiledQuery<unknown>) =>
    runAlone(outside, query).catch((error) => (dialect.isDuplicate(error) ? null : fail(error)));
  return Object.freeze<Runner>({
    run: (query) => runAlone(outside, query).catch(fail),
    insertUnlessTaken: unlessTaken,
    runUnlessTaken: unlessTaken,
    runUnlessOrphaned: (query) =>
      runAlone(outside, query).catch((error) => (dialect.isOrphan(error) ? null : fail(error))),
    together,
  });
}

/** A deadlock undoes its victim whole, so the statement can run again. */
function runAlone<Row>(outside: Outside, query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
  const { access, dialect, ready } = outside;
  return access.call((line) => {
    const attemptOnce = async (attempt: number): Promise<QueryResult<Row>> => {
      await ready();
      if (attempt === 1) return line.query(query);
      // The application's isolation level may refuse every update that met another one. In a READ COMMITTED
      // transaction the update waits for the other one, and is then judged again.
      return line.transaction((trx) => trx.withoutPlugins().executeQuery(query));
    };
    return rerun(attemptOnce, dialect.isRetryable);
  });
}

/** Runs it again while the database asks for that, three times at most. */
export async function rerun<T>(
  run: (attempt: number) => Promise<T>,
  isRetryable: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run(attempt);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isRetryable(error)) throw error;
      await pauseBeforeRerun(attempt);
    }
  }
}

function failWith(dialect: SqlDialect): (error: unknown) => never {
  return (error) => {
    throw failure(dialect, error);
  };
}

/** An outage, which may pass. A taken key is a mistake of the caller, which stays. */
export function failure(dialect: SqlDialect, error: unknown): AuthError {
  if (isAuthError(error)) return error;
  const code = dialect.isDuplicate(error) ? "internal_error" : "unavailable";
  return new AuthError(code, { cause: dialect.withoutValues(error) });
}

/** How many rows a write touched: the only answer that decides who won. */
export function affected(result: QueryResult<unknown> | null): number {
  return Number(result?.numAffectedRows ?? 0);
}
