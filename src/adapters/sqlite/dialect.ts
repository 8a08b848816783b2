import type { DatabaseSync } from "node:sqlite";
import {
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { breather } from "../../lib/breather.ts";
import { type FifoLock, fifoLock } from "../shared/fifo-lock.ts";
import { retryWhileBusy } from "./busy-retry.ts";
import { type NodeSqliteConnection, nodeSqliteConnection } from "./connection.ts";

const SETTINGS = ["foreign_keys = on", "journal_mode = wal", "synchronous = normal"];

/** Kysely over `node:sqlite`: one connection, with one user at a time. `open` opens a new connection. */
export function dialectOver(open: () => DatabaseSync): Dialect {
  return Object.freeze<Dialect>({
    createDriver: () => nodeSqliteDriver(open),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => ADAPTER,
    createIntrospector: (db) => new SqliteIntrospector(db),
  });
}

// Without `supportsMultipleConnections`: the driver's own lock bounds the wait, Kysely's does not.
const ADAPTER: DialectAdapter = Object.freeze<DialectAdapter>({
  supportsCreateIfNotExists: true,
  supportsTransactionalDdl: true,
  supportsReturning: true,
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
});

function nodeSqliteDriver(open: () => DatabaseSync): Driver {
  const lock = fifoLock();
  const breathe = breather();
  let connection: NodeSqliteConnection | undefined;
  return Object.freeze<Driver>({
    init: async () => {
      connection = await connect(open);
    },
    acquireConnection: async () => {
      await lock.acquire();
      const turn = breathe();
      if (turn) await turn;
      return connection as DatabaseConnection;
    },
    releaseConnection: async () => lock.release(),
    beginTransaction: async () => connection?.begin(),
    commitTransaction: async () => connection?.commit(),
    rollbackTransaction: async () => connection?.rollback(),
    destroy: () => disconnect(lock, connection),
  });
}

async function connect(open: () => DatabaseSync): Promise<NodeSqliteConnection> {
  const db = open();
  try {
    for (const setting of SETTINGS) await retryWhileBusy(() => db.exec(`pragma ${setting}`));
    return nodeSqliteConnection(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Waits for the running transaction. One that hangs is rolled back when the connection closes. */
async function disconnect(lock: FifoLock, connection: NodeSqliteConnection | undefined): Promise<void> {
  try {
    await lock.acquire();
    lock.release();
  } catch {
    // Waited long enough.
  }
  connection?.close();
}
