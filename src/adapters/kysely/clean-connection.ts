import { performance } from "node:perf_hooks";
import { CompiledQuery, type Kysely, type Transaction, type TransactionBuilder } from "kysely";
import { jitteredPause } from "../shared/jittered-pause.ts";
import type { Tables } from "./tables.ts";

/** READ COMMITTED: stronger levels show the loser of a race a world in which it did not lose. */
export function transactionOn(db: Kysely<Tables>): TransactionBuilder<Tables> {
  return db.transaction().setIsolationLevel("read committed");
}

const NOTHING: unique symbol = Symbol("nothing thrown");

/** Runs `work` in a transaction, and gives the connection back only when none is open on it. */
export async function leavingNoneOpen<T>(
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
