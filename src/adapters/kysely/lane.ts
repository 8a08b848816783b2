import type { CompiledQuery, Kysely, QueryResult } from "kysely";
import { AuthError, isAuthError } from "../../errors.ts";
import { assertActive, type StoreGate, type TransactionScope } from "../store-gate.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Tables } from "./tables.ts";

/** Where statements run: each alone on the outer store, or one after the other in a transaction. */
export interface Lane {
  run<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** Null: a unique key is taken. */
  runUnlessDuplicate<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row> | null>;
}

/** What has to be there before the first statement: the schema. */
export interface Preparation {
  done: boolean;
  run(): Promise<void>;
}

export interface OuterLane {
  readonly db: Kysely<Tables>;
  readonly dialect: SqlDialect;
  readonly gate: StoreGate;
  readonly preparation: Preparation;
}

export function outerLane({ db, dialect, gate, preparation }: OuterLane): Lane {
  const attempt = async <Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> => {
    gate.assertOutside();
    if (!preparation.done) await preparation.run();
    return db.executeQuery(query);
  };
  return Object.freeze<Lane>({
    run: (query) => attempt(query).catch(toUnavailable(dialect)),
    runUnlessDuplicate: (query) => attempt(query).catch(nullIfDuplicate(dialect)),
  });
}

/** The statements of one transaction: its scope, and those that have not been answered yet. */
export interface TransactionLane {
  readonly trx: Kysely<Tables>;
  readonly dialect: SqlDialect;
  readonly scope: StatementScope;
}

export interface StatementScope extends TransactionScope {
  readonly running: Set<Promise<unknown>>;
  /** The failure's cause as the driver threw it, to decide whether the transaction is run again. */
  driverError: unknown;
  /** `work` threw: what it threw is the caller's, and passes as it is. */
  workFailed: boolean;
}

export function transactionLane({ trx, dialect, scope }: TransactionLane): Lane {
  const fail = (error: unknown): never => {
    scope.driverError ??= error;
    scope.failure ??= unavailable(dialect, error);
    throw scope.failure;
  };
  const attempt = <Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> => {
    const running = trx.executeQuery(query);
    scope.running.add(running);
    return running.finally(() => scope.running.delete(running));
  };
  return Object.freeze<Lane>({
    run: async (query) => {
      assertActive(scope);
      return attempt(query).catch(fail);
    },
    runUnlessDuplicate: async (query) => {
      assertActive(scope);
      return attempt(query).catch((error) => (dialect.isDuplicate(error) ? null : fail(error)));
    },
  });
}

/** How many rows a write touched: the only answer that decides who won. */
export function affected(result: QueryResult<unknown> | null): number {
  return Number(result?.numAffectedRows ?? 0);
}

export function unavailable(dialect: SqlDialect, error: unknown): AuthError {
  if (isAuthError(error)) return error;
  return new AuthError("unavailable", { cause: dialect.withoutValues(error) });
}

function toUnavailable(dialect: SqlDialect): (error: unknown) => never {
  return (error) => {
    throw unavailable(dialect, error);
  };
}

function nullIfDuplicate(dialect: SqlDialect): (error: unknown) => null {
  return (error) => {
    if (dialect.isDuplicate(error)) return null;
    throw unavailable(dialect, error);
  };
}
