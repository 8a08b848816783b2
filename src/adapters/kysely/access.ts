import { performance } from "node:perf_hooks";
import {
  CompiledQuery,
  type Kysely,
  type QueryResult,
  type Transaction,
  type TransactionBuilder,
} from "kysely";
import { AuthError } from "../../errors.ts";
import { type Deadline, deadlineIn } from "../../lib/deadline.ts";
import { jitteredPause } from "../shared/jittered-pause.ts";
import { leasing } from "./lease.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Tables } from "./tables.ts";

/** How a store reaches its database. */
export interface Access {
  /** Runs one call of the store. Everything that it asks of the database has one deadline. */
  call<T>(work: (line: Line) => Promise<T>): Promise<T>;
}

/** The way of one call to the database. */
export interface Line {
  query<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** Several statements on one connection, without the plugins of the application. */
  connected<T>(use: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** READ COMMITTED. */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
}

/** For a driver that itself bounds every wait. */
export function directAccess(db: Kysely<Tables>): Access {
  const line = Object.freeze<Line>({
    query: (query) => db.executeQuery(query),
    connected: (use) => db.connection().execute(use),
    transaction: (work) => transactionOn(db).execute(work),
  });
  return Object.freeze<Access>({ call: (work) => work(line) });
}

export interface AccessBounds {
  readonly dialect: SqlDialect;
  /** Runs first in each transaction. */
  readonly opening: CompiledQuery | null;
  /** The longest wait of one call: for a free connection, for locks and for answers. */
  readonly maxWaitMs: number;
}

/**
 * For an application's pool. A pool waits without end for a free connection, and a driver for an answer. So a call
 * ends after `maxWaitMs`. A connection that gave no answer is destroyed, and the pool gets its place back.
 */
export function boundedAccess(db: Kysely<Tables>, bounds: AccessBounds): Access {
  const { maxWaitMs, dialect } = bounds;
  const lineOf = boundLines(db, bounds);
  let hasEverConnected = false;
  return Object.freeze<Access>({
    call: async (work) => {
      let isConnected = false;
      const deadline = deadlineIn(maxWaitMs, () => {
        if (isConnected) return tooLate(`The database gave no answer within ${maxWaitMs} ms.`);
        if (hasEverConnected) return tooLate(`No connection came free within ${maxWaitMs} ms.`);
        return tooLate(
          `No connection came within ${maxWaitMs} ms, and none before. ${dialect.noConnectionHint}`,
        );
      });
      const arrived = (): void => {
        // A connection that comes too late is given back unused.
        deadline.assertOpen();
        isConnected = true;
        hasEverConnected = true;
      };
      try {
        return await deadline.race(work(lineOf({ deadline, arrived })));
      } finally {
        deadline.clear();
      }
    },
  });
}

interface Timed {
  readonly deadline: Deadline;
  /** Notes that the pool gave a connection. */
  readonly arrived: () => void;
}

function boundLines(db: Kysely<Tables>, { opening, dialect }: AccessBounds): (timed: Timed) => Line {
  const plain = db.withoutPlugins();
  const executor = plain.getExecutor();
  const { lease } = leasing(dialect.sever && ((raw) => dialect.sever?.(db, raw)));
  return ({ deadline, arrived }) => {
    const leaseOn = <T>(source: Kysely<Tables>, use: (connection: Kysely<Tables>) => Promise<T>) =>
      lease<T>(deadline, (leased) =>
        source.connection().execute(async (connection) => {
          arrived();
          const raw = await connection.getExecutor().provideConnection(async (own) => own);
          return leased(raw, () => use(connection));
        }),
      );
    return {
      // Not by `connection()`: it builds two more Kyselys for each statement, which costs more than all of this.
      query: <Row>(query: CompiledQuery<Row>) =>
        lease<QueryResult<Row>>(deadline, (leased) =>
          executor.provideConnection((raw) => {
            arrived();
            return leased(raw, () => raw.executeQuery<Row>(query));
          }),
        ),
      connected: (use) => leaseOn(plain, use),
      transaction: (work) =>
        leaseOn(db, (connection) =>
          leavingNoneOpen(connection, deadline, async (trx) => {
            if (opening) await trx.executeQuery(opening);
            return deadline.race(work(trx));
          }),
        ),
    };
  };
}

function tooLate(what: string): AuthError {
  return new AuthError("unavailable", { cause: new DOMException(what, "TimeoutError") });
}

/** READ COMMITTED: at a stronger level the loser of a race reads as if it had not lost. */
function transactionOn(db: Kysely<Tables>): TransactionBuilder<Tables> {
  return db.transaction().setIsolationLevel("read committed");
}

const NOTHING: unique symbol = Symbol("nothing thrown");

/** Runs `work` in a transaction, and gives the connection back without an open transaction. */
async function leavingNoneOpen<T>(
  connection: Kysely<Tables>,
  deadline: Deadline,
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
    if (error !== thrown && !deadline.isOver()) await rollbackUntilAnswered(connection);
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
