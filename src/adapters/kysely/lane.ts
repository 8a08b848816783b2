import { CompiledQuery, type QueryResult, type Transaction } from "kysely";
import { AuthError, isAuthError } from "../../errors.ts";
import { pauseBeforeRerun } from "../shared/jittered-pause.ts";
import { assertActive, type StoreGate, type TransactionScope } from "../shared/store-gate.ts";
import type { Access } from "./access.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Tables } from "./tables.ts";

/** How often a statement or transaction is tried when the database asks to run it again. */
export const MAX_ATTEMPTS = 3;

/** Where statements run: each alone on the outer store, or one after the other in a transaction. */
export interface Lane {
  run<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** Null: a unique key is taken. For an INSERT that ends with the dialect's `unlessTaken`. */
  insertUnlessTaken(query: CompiledQuery<unknown>): Promise<QueryResult<unknown> | null>;
  /** Null: a unique key is taken; a transaction goes on. For any other statement. */
  runUnlessTaken(query: CompiledQuery<unknown>): Promise<QueryResult<unknown> | null>;
  /** Null: what a row refers to is gone. In a transaction that is a failure. */
  runUnlessOrphaned(query: CompiledQuery<unknown>): Promise<QueryResult<unknown> | null>;
  /** Several statements as one: a transaction of their own, if there is none yet. */
  together: Together;
}

export type Together = <T>(work: (lane: Lane) => Promise<T>) => Promise<T>;

/** What has to be there before the first statement: the schema. */
export interface Preparation {
  done: boolean;
  run(): Promise<void>;
}

export interface OuterLane {
  readonly access: Access;
  readonly dialect: SqlDialect;
  readonly gate: StoreGate;
  readonly preparation: Preparation;
}

export function outerLane(outer: OuterLane, together: Together): Lane {
  const { dialect } = outer;
  const nullIf =
    (isAnswer: (error: unknown) => boolean) =>
    (error: unknown): null => {
      if (isAnswer(error)) return null;
      throw unavailable(dialect, error);
    };
  return Object.freeze<Lane>({
    run: (query) =>
      attemptAlone(outer, query).catch((error) => {
        throw unavailable(dialect, error);
      }),
    insertUnlessTaken: (query) => attemptAlone(outer, query).catch(nullIf(dialect.isDuplicate)),
    runUnlessTaken: (query) => attemptAlone(outer, query).catch(nullIf(dialect.isDuplicate)),
    runUnlessOrphaned: (query) => attemptAlone(outer, query).catch(nullIf(dialect.isOrphan)),
    together,
  });
}

/** A statement that was the victim of a deadlock was undone whole: it is run again. */
async function attemptAlone<Row>(outer: OuterLane, query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(outer, query, attempt);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !outer.dialect.isRetryable(error)) throw error;
      await pauseBeforeRerun(attempt);
    }
  }
}

async function attemptOnce<Row>(
  { access, gate, preparation }: OuterLane,
  query: CompiledQuery<Row>,
  attempt: number,
): Promise<QueryResult<Row>> {
  gate.assertOutside();
  if (!preparation.done) await preparation.run();
  if (attempt === 1) return access.query(query);
  // The application's sessions may refuse, by their level, every update that met another one. In a
  // transaction of ours it waits for the other one and is then judged anew.
  return access.transaction((trx) => trx.withoutPlugins().executeQuery(query));
}

/** The statements of one transaction: its scope, and those that have not been answered yet. */
export interface TransactionLane {
  readonly trx: Transaction<Tables>;
  readonly dialect: SqlDialect;
  readonly scope: StatementScope;
}

export interface StatementScope extends TransactionScope {
  readonly running: Set<Promise<unknown>>;
  /** The failure's cause as the driver threw it, to decide whether the transaction is run again. */
  driverError: unknown;
  /** What `work` threw: the caller's own, which passes as it is. */
  thrown: { readonly error: unknown } | undefined;
}

const SAVEPOINT: CompiledQuery = CompiledQuery.raw("savepoint sallyport");
const UNDO: CompiledQuery = CompiledQuery.raw("rollback to savepoint sallyport");
const RELEASE: CompiledQuery = CompiledQuery.raw("release savepoint sallyport");

export function transactionLane(transaction: TransactionLane): Lane {
  const { dialect, scope } = transaction;
  const attempt = attemptIn(transaction);
  const fail = failIn(transaction);
  const orFail = <Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> => attempt(query).catch(fail);
  const lane: Lane = {
    run: async (query) => {
      assertActive(scope);
      return orFail(query);
    },
    insertUnlessTaken: async (query) => {
      assertActive(scope);
      return attempt(query).catch((error) => (dialect.isDuplicate(error) ? null : fail(error)));
    },
    runUnlessTaken: async (query) => {
      if (!dialect.failureSpoils) return lane.insertUnlessTaken(query);
      await lane.run(SAVEPOINT);
      const result = await lane.insertUnlessTaken(query);
      await lane.run(result ? RELEASE : UNDO);
      return result;
    },
    runUnlessOrphaned: (query) => lane.run(query),
    together: (work) => work(lane),
  };
  return Object.freeze(lane);
}

function attemptIn({ trx, scope }: TransactionLane) {
  const plain = trx.withoutPlugins();
  return <Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> => {
    const running = plain.executeQuery(query);
    scope.running.add(running);
    return running.finally(() => scope.running.delete(running));
  };
}

function failIn({ dialect, scope }: TransactionLane): (error: unknown) => never {
  return (error) => {
    scope.driverError ??= error;
    scope.failure ??= unavailable(dialect, error);
    throw scope.failure;
  };
}

/** How many rows a write touched: the only answer that decides who won. */
export function affected(result: QueryResult<unknown> | null): number {
  return Number(result?.numAffectedRows ?? 0);
}

export function unavailable(dialect: SqlDialect, error: unknown): AuthError {
  if (isAuthError(error)) return error;
  return new AuthError("unavailable", { cause: dialect.withoutValues(error) });
}
