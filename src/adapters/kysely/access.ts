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

/** How a store reaches its database. */
export interface Access {
  query<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** READ COMMITTED. */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
}

/** For a driver that bounds the wait for its connection itself. */
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
 * For an application's pool: they wait without end when every connection is taken, and a login with them.
 * Only the wait is bounded: a statement that has begun is the driver's to time out.
 */
export function boundedAccess(db: Kysely<Tables>, { opening, maxWaitMs }: BoundedAccess): Access {
  // Not by `connection()`: that builds two more Kyselys for each statement, for more than all the rest here.
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

/** One connection for `use`, or `unavailable` when none comes in time. */
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

/** Rejects when no connection comes in time. One that comes later is given back unused. */
function whenConnected<T>(maxWaitMs: number, use: (arrived: () => void) => Promise<T>): Promise<T> {
  const dueAt = performance.now() + maxWaitMs;
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(tooLate(maxWaitMs));
    }, maxWaitMs);
    const arrived = (): void => {
      // Timers fire up to a millisecond early, and behind a busy event loop late: both clocks decide.
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

/** READ COMMITTED: stronger levels show the loser of a race a world in which it did not lose. */
function transactionOn(db: Kysely<Tables>): TransactionBuilder<Tables> {
  return db.transaction().setIsolationLevel("read committed");
}

const NOTHING: unique symbol = Symbol("nothing thrown");

/** Runs `work` in a transaction, and gives the connection back only when none is open on it. */
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
    // Not what `work` threw: the failure is that of BEGIN, COMMIT or ROLLBACK itself.
    if (error !== thrown) await rollbackUntilAnswered(connection);
    throw error;
  }
}

const ROLLBACK: CompiledQuery = CompiledQuery.raw("rollback");
const MAX_ROLLBACK_MS = 60_000;

/**
 * A driver that gave up waiting (pg's `query_timeout`) does not undo what the server then carries out: the
 * next caller's writes would land in a transaction that nobody commits. Any answer but another timeout ends
 * it; a connection that is gone takes its transaction along.
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
