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
  const failOf = ({ sql }: CompiledQuery<unknown>) => failWith(dialect, sql);
  const unlessTaken = (query: CompiledQuery<unknown>) =>
    runAlone(outside, query).catch((error) => (dialect.isDuplicate(error) ? null : failOf(query)(error)));
  return Object.freeze<Runner>({
    run: (query) => runAlone(outside, query).catch(failOf(query)),
    insertUnlessTaken: unlessTaken,
    runUnlessTaken: unlessTaken,
    runUnlessOrphaned: (query) =>
      runAlone(outside, query).catch((error) => (dialect.isOrphan(error) ? null : failOf(query)(error))),
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

function failWith(dialect: SqlDialect, sql: string): (error: unknown) => never {
  return (error) => {
    throw failure(dialect, error, sql);
  };
}

/**
 * An outage, which may pass. A row that its table refuses stays refused. `sql`: the statement of the library; without
 * it, COMMIT failed. A foreign key refuses a new row of the library only if the user was deleted in this very moment:
 * the next try finds that.
 */
export function failure(dialect: SqlDialect, error: unknown, sql?: string): AuthError {
  const passes = dialect.isForeignKey(error) && sql !== undefined && !/^\s*delete\b/i.test(sql);
  return failureOf(dialect, error, !passes && dialect.faultOf(error) === "row");
}

/** The same for a statement of the application: one that the database does not understand is no outage either. */
export function ownFailure(dialect: SqlDialect, error: unknown): AuthError {
  return failureOf(dialect, error, dialect.faultOf(error) !== null);
}

function failureOf(dialect: SqlDialect, error: unknown, isPermanent: boolean): AuthError {
  if (isAuthError(error)) return error;
  const plain = dialect.withoutValues(error);
  if (!isPermanent || dialect.isRetryable(error)) return new AuthError("unavailable", { cause: plain });
  const cause = dialect.isForeignKey(error) ? explained(plain) : plain;
  return new AuthError("internal_error", { cause });
}

const FOREIGN_KEY =
  `A foreign key refused this. Either a row of another table still refers to the row that was to be
deleted: give that foreign key ON DELETE CASCADE or ON DELETE SET NULL, or delete the row first. Or a new row refers to
a row that does not exist.`.replaceAll("\n", " ");

/** The same fields: programs read the code and the constraint there. */
function explained(plain: unknown): unknown {
  if (!(plain instanceof Error)) return plain;
  return Object.assign(new TypeError(FOREIGN_KEY, { cause: plain }), plain, { name: plain.name });
}

/** How many rows a write touched: the only answer that decides who won. */
export function affected(result: QueryResult<unknown> | null): number {
  return Number(result?.numAffectedRows ?? 0);
}
