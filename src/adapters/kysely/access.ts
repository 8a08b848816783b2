import { performance } from "node:perf_hooks";
import {
  CompiledQuery,
  type Kysely,
  type QueryResult,
  type Transaction,
  type TransactionBuilder,
} from "kysely";
import { AuthError } from "../../errors.ts";
import { jitteredPause } from "../shared/jittered-pause.ts";
import type { Tables } from "./tables.ts";

/** How a store reaches its database: one statement, or one transaction. */
export interface Access {
  query<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** READ COMMITTED. */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
}

/** For a driver that itself bounds the wait for a connection. */
export function directAccess(db: Kysely<Tables>): Access {
  return Object.freeze<Access>({
    query: (query) => db.executeQuery(query),
    transaction: (work) => transactionOn(db).execute(work),
  });
}

export interface BoundedAccess {
  /** Runs first in each transaction. */
  readonly opening: CompiledQuery | null;
  readonly maxWaitMs: number;
}

/**
 * For an application's pool. When every connection is taken, a pool waits without end, and so would a login.
 * Only this wait is bounded: the driver has to time out a running statement.
 */
export function boundedAccess(db: Kysely<Tables>, { opening, maxWaitMs }: BoundedAccess): Access {
  // Not by `connection()`: it builds two more Kyselys for each statement, which costs more than all of this.
  const executor = db.withoutPlugins().getExecutor();
  return Object.freeze<Access>({
    query: <Row>(query: CompiledQuery<Row>) =>
      whenConnected(maxWaitMs, (arrived) =>
        executor.provideConnection((connection) => {
          arrived();
          return connection.executeQuery<Row>(query);
        }),
      ),
    transaction: <T>(work: (trx: Transaction<Tables>) => Promise<T>) =>
      whenConnected<T>(maxWaitMs, (arrived) =>
        db.connection().execute((connection) =>
          leavingNoneOpen(connection, async (trx) => {
            arrived();
            if (opening) await trx.executeQuery(opening);
            return work(trx);
          }),
        ),
      ),
  });
}

/** Runs `use` with one connection, or rejects with `unavailable` when none is free in time. */
export function connected<T>(
  db: Kysely<Tables>,
  maxWaitMs: number,
  use: (connection: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  return whenConnected(maxWaitMs, (arrived) =>
    db.connection().execute(async (connection) => {
      arrived();
      return use(connection);
    }),
  );
}

/** Rejects when no connection is free in time. A later one is given back unused. */
function whenConnected<T>(maxWaitMs: number, use: (arrived: () => void) => Promise<T>): Promise<T> {
  const dueAt = performance.now() + maxWaitMs;
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(tooLate(maxWaitMs));
    }, maxWaitMs);
    const arrived = (): void => {
      // A timer fires up to a millisecond early, or late on a busy event loop: so both clocks decide.
      if (late || performance.now() >= dueAt) throw tooLate(maxWaitMs);
      clearTimeout(timer);
    };
    use(arrived).then(resolve, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function tooLate(maxWaitMs: number): AuthError {
  return new AuthError("unavailable", { cause: `No connection came free within ${maxWaitMs} ms.` });
}

/** READ COMMITTED: at a stronger level the loser of a race reads as if it had not lost. */
function transactionOn(db: Kysely<Tables>): TransactionBuilder<Tables> {
  return db.transaction().setIsolationLevel("read committed");
}

const NOTHING: unique symbol = Symbol("nothing thrown");

/** Runs `work` in a transaction, and gives the connection back without an open transaction. */
async function leavingNoneOpen<T>(
  connection: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  let thrown: unknown = NOTHING;
  try {
    return await transactionOn(connection).execute((trx) =>
      work(trx).catch((error) => {
        thrown = error;
        throw error;
      }),
    );
  } catch (error) {
    // `work` did not throw this: BEGIN, COMMIT or ROLLBACK itself failed.
    if (error !== thrown) await rollbackUntilAnswered(connection);
    throw error;
  }
}

const ROLLBACK: CompiledQuery = CompiledQuery.raw("rollback");
const MAX_ROLLBACK_MS = 60_000;

/**
 * After a driver's timeout (pg's `query_timeout`) the server still executes the statement. The next caller would
 * write into a transaction that is never committed. So roll back until there is any answer but a timeout. A
 * lost connection ends its transaction as well.
 */
async function rollbackUntilAnswered(connection: Kysely<Tables>): Promise<void> {
  const until = performance.now() + MAX_ROLLBACK_MS;
  for (let attempt = 1; performance.now() < until; attempt++) {
    try {
      await connection.withoutPlugins().executeQuery(ROLLBACK);
      return;
    } catch (error) {
      if (!/timeout/i.test(String(error))) return;
      await jitteredPause(attempt);
    }
  }
}
