import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Dialect } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import type { MigrationPlan, TableOptions } from "./index.ts";

export type { MigrationPlan, TableOptions } from "./index.ts";

/** The address of a database. */
export interface DatabaseAddress {
  readonly kind: "postgres" | "mysql" | "sqlite";
  /** The URL as the driver reads it, or the path of the file. */
  readonly location: string;
}

/**
 * The purpose of opening a database. If a SQLite file does not exist, `migrate` creates it, `plan` shows an empty
 * database, and `store` refuses. `plan` does not change an existing file, not even its journal mode.
 */
export type Purpose = "migrate" | "plan" | "store";

export interface OpenDatabase {
  plan(tables: TableOptions): Promise<MigrationPlan>;
  migrate(tables: TableOptions): Promise<MigrationPlan>;
  store(tables: TableOptions): AuthStore;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
const BUSY_MS = 2_000;

/**
 * Opens a database with its driver. The driver is loaded here: a program that never calls this needs none.
 *
 * @throws AuthError `invalid_configuration`: a package is not installed, or a file cannot be used.
 */
export async function openDatabase(address: DatabaseAddress, purpose: Purpose): Promise<OpenDatabase> {
  const { Kysely } = await installed("kysely", () => import("kysely"));
  const { kyselyStore, migrate, planMigration } = await import("./index.ts");
  const db = new Kysely<unknown>({ dialect: await dialectFor(address, purpose) });
  return Object.freeze<OpenDatabase>({
    plan: (tables) => planMigration(db, tables),
    migrate: (tables) => migrate(db, tables),
    store: (tables) => kyselyStore(db, tables),
    close: () => db.destroy(),
  });
}

async function dialectFor({ kind, location }: DatabaseAddress, purpose: Purpose): Promise<Dialect> {
  switch (kind) {
    case "postgres":
      return postgres(location);
    case "mysql":
      return mysql(location);
    case "sqlite":
      return sqlite(location, purpose);
  }
}

async function postgres(url: string): Promise<Dialect> {
  const { default: pg } = await installed("pg", () => import("pg"));
  const { PostgresDialect } = await import("kysely");
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: CONNECT_MS });
  // The next statement meets the same failure, and its caller reports it.
  pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  return new PostgresDialect({ pool });
}

async function mysql(url: string): Promise<Dialect> {
  const { default: mysql2 } = await installed("mysql2", () => import("mysql2"));
  const { MysqlDialect } = await import("kysely");
  const pool = mysql2.createPool({ uri: url, connectionLimit: 1, connectTimeout: CONNECT_MS });
  return new MysqlDialect({ pool });
}

async function sqlite(path: string, purpose: Purpose): Promise<Dialect> {
  const { nodeSqliteDialect } = await import("../sqlite/index.ts");
  const empty = nodeSqliteDialect(":memory:"); // throws on a Node that has no node:sqlite
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  if (purpose === "plan") return isThere ? readOnly(path) : empty;
  if (!isThere && purpose === "store") throw misconfigured("The SQLite file does not exist.");
  if (!isThere && !statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
    throw misconfigured("The directory of the SQLite file does not exist.");
  }
  return nodeSqliteDialect(path);
}

/** For SELECT only. Not `nodeSqliteDialect`, which puts the file into WAL mode for good. */
async function readOnly(path: string): Promise<Dialect> {
  const { SqliteDialect } = await import("kysely");
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    const all = (parameters: readonly unknown[]) => statement.all(...(parameters as string[]));
    const run = () => ({ changes: 0, lastInsertRowid: 0 });
    return { reader: true, all, run, iterate: (parameters: readonly unknown[]) => all(parameters).values() };
  };
  return new SqliteDialect({ database: { prepare, close: () => db.close() } });
}

async function installed<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw misconfigured(`${name} is not installed: npm install ${name}`);
  }
}

/** Whether the package itself is missing, not one of its dependencies. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${name}'`);
}
