import { closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Dialect, Kysely } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { directAccess } from "../kysely/access.ts";
import { sqliteDialect } from "../kysely/dialects/sqlite.ts";
import { checkSchema, migrateSchema } from "../kysely/migrator.ts";
import { sqlStore } from "../kysely/store.ts";
import { assertKnownOptions, type Tables, tableNames } from "../kysely/tables.ts";
import { dialectOver } from "./dialect.ts";

const MEMORY = ":memory:";

export interface SqliteStoreOptions {
  /** The prefix of the tables' names. Default `auth_`. */
  readonly tablePrefix?: string | undefined;
}

/**
 * Keeps everything in one SQLite file, through Node's own `node:sqlite`. It needs Node 22.16 or newer and the
 * peer dependency `kysely`. The first use creates the tables, or brings them up to date.
 *
 * Several processes may use one file. Within a process make one store per file: two stores work, but wait for
 * each other by retries. `":memory:"` keeps everything in this process, for tests. Commits survive a crash of
 * the process. A power cut may undo the last ones (WAL, `synchronous=normal`).
 *
 * @example
 * ```ts
 * import { createAuth } from "sallyport";
 * import { sqliteStore } from "sallyport/sqlite";
 *
 * const auth = createAuth({ secret: process.env["AUTH_SECRET"], store: sqliteStore("auth.db") });
 * ```
 * @throws AuthError `invalid_configuration`: no usable path or prefix, or a Node without `node:sqlite`.
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): AuthStore {
  assertKnownOptions(options, ["tablePrefix"]);
  const names = tableNames({ tablePrefix: options.tablePrefix });
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(path) });
  return sqlStore({
    db,
    names,
    dialect: sqliteDialect,
    access: directAccess(db),
    prepareTables: async (schema) => {
      await migrateSchema(schema);
      await checkSchema(schema);
    },
    isVolatile: path === MEMORY,
    close: () => db.destroy(),
  });
}

/**
 * A Kysely dialect over Node's own `node:sqlite`, for an application with its own tables in the same file. Make
 * one Kysely with it, give it to `kyselyStore` of `sallyport/kysely`, and use it yourself. `sqliteStore` has the
 * same dialect: one connection, WAL, foreign keys, and waits that do not block the process.
 *
 * @example
 * ```ts
 * import { Kysely } from "kysely";
 * import { createAuth } from "sallyport";
 * import { kyselyStore, migrate } from "sallyport/kysely";
 * import { nodeSqliteDialect } from "sallyport/sqlite";
 *
 * interface Database {
 *   profiles: { user_id: string; name: string };
 * }
 *
 * const db = new Kysely<Database>({ dialect: nodeSqliteDialect("app.db") });
 * await migrate(db);
 * const auth = createAuth({ secret: process.env["AUTH_SECRET"], store: kyselyStore(db) });
 * ```
 * @throws AuthError `invalid_configuration`: no usable path, or a Node without `node:sqlite`.
 */
export function nodeSqliteDialect(path: string): Dialect {
  assertUsablePath(path);
  const { DatabaseSync: Database } = requireNodeSqlite();
  return dialectOver((): DatabaseSync => {
    if (path !== MEMORY) createPrivate(path);
    return new Database(path, { timeout: 0 });
  });
}

/**
 * Creates a new file that only its owner can read; SQLite gives the files beside it the same mode. An existing
 * file is not opened: closing it would drop this process's locks on it.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // an existing file stays as it is
  }
}

function requireNodeSqlite(): typeof import("node:sqlite") {
  // A static import would keep this file from loading at all where the module does not exist.
  const sqlite = process.getBuiltinModule?.("node:sqlite");
  if (!sqlite)
    throw misconfigured("sallyport/sqlite needs Node 22.16 or newer: this one has no node:sqlite.");
  return sqlite;
}

function assertUsablePath(path: string): void {
  if (typeof path !== "string" || path.trim() === "") {
    throw misconfigured('sqliteStore needs the path of a file, or ":memory:".');
  }
  if (path.startsWith("file:")) {
    throw misconfigured("sqliteStore needs a plain path, not a file: URL.");
  }
  if (path !== MEMORY && !statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
    throw misconfigured("The directory of the path given to sqliteStore does not exist.");
  }
}
