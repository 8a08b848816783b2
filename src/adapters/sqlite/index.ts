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
  /** What the tables' names begin with; default `auth_`. */
  readonly tablePrefix?: string | undefined;
}

/**
 * Keeps everything in one SQLite file, through Node's own `node:sqlite` (Node 22.16 and newer, and the
 * peer dependency `kysely`). The tables are created and brought up to date at the first use.
 *
 * Several processes may use one file. Within a process make one store per file: two work, but wait for
 * each other by retrying. `":memory:"` keeps everything in this process, for tests. Commits survive a
 * crash of the process; the last ones before a power cut may be lost (WAL, `synchronous=normal`).
 *
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
    close: () => db.destroy(),
  });
}

/**
 * A Kysely dialect over Node's own `node:sqlite`, for an application that keeps its own tables in the same
 * file: give one Kysely of it to `kyselyStore` (of `sallyport/kysely`) and use it yourself. It is what
 * `sqliteStore` runs on: one connection, WAL, foreign keys, and waiting that does not block the process.
 *
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
 * A new file is its owner's alone; SQLite gives the files beside it the same mode. Only a new one: closing
 * a file that SQLite has open would drop this process's locks on it.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // it is there: left alone
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
