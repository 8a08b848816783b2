import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import Database from "better-sqlite3";
import {
  type Dialect,
  type Driver,
  Kysely,
  MysqlDialect,
  PGliteDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
} from "kysely";
import { createPool } from "mysql2";
import { Pool } from "pg";
import type { AuthStore } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { type DatabaseKind, VARIABLES } from "./services.ts";

/** What a process needs to reach a database: fit to be sent to another one. */
export interface DatabaseRef {
  readonly kind: DatabaseKind;
  /** Of the server, or the path of the file; PGlite lives in its process, and has none. */
  readonly url: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a test's tables are whatever it makes.
export type AnyKysely = Kysely<any>;

export interface TestDatabase {
  readonly ref: DatabaseRef;
  readonly db: AnyKysely;
  /** An empty store on tables of its own. Nobody waits for them: its first statement makes them. */
  freshStore(): AuthStore;
  /** Closes such a store. Its tables may serve the next one: some databases take long to make new ones. */
  takeBack(store: AuthStore): Promise<void>;
  /** Closes the connections and deletes the database. */
  drop(): Promise<void>;
}

/** An empty database of this kind, for this test alone. */
export async function createDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const variable = VARIABLES[kind];
  return variable ? createOnServer(kind, process.env[variable] as string) : createHere(kind);
}

/** Another pool of connections to the same database, in this process or another one. */
export function connect(ref: DatabaseRef, connections = 20): AnyKysely {
  return new Kysely({ dialect: source(ref, connections)() });
}

/** Dialects on one pool of connections, or on one file. */
function source({ kind, url }: DatabaseRef, connections: number): () => Dialect {
  switch (kind) {
    case "postgres": {
      const pool = new Pool({ connectionString: url, max: connections });
      // A server that goes away is part of the tests, also while a transaction has the connection.
      pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
      return () => new PostgresDialect({ pool });
    }
    case "mariadb": {
      const pool = createPool({ uri: url, connectionLimit: connections });
      return () => new MysqlDialect({ pool });
    }
    case "pglite": {
      const pglite = new PGlite();
      return () => new PGliteDialect({ pglite });
    }
    case "node-sqlite":
      return () => nodeSqliteDialect(url);
    case "better-sqlite3":
      return () => new SqliteDialect({ database: () => betterSqlite(url) });
  }
}

async function betterSqlite(path: string): Promise<Database.Database> {
  const database = new Database(path);
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = normal");
  return database;
}

/** What the names of a run's databases begin with. */
function databasePrefix(): string {
  return `sallyport_${process.env["DATABASE_RUN"] ?? ""}`;
}

async function createOnServer(kind: DatabaseKind, serverUrl: string): Promise<TestDatabase> {
  const name = `${databasePrefix()}${randomBytes(6).toString("hex")}`;
  const url = Object.assign(new URL(serverUrl), { pathname: name }).href;
  const server = connect({ kind, url: serverUrl }, 1);
  await sql`create database ${sql.id(name)}`.execute(server);
  const { db, ...stores } = shared({ kind, url });
  const drop = async (): Promise<void> => {
    await db.destroy();
    await dropByName(server, kind, name);
    await server.destroy();
  };
  return { ref: { kind, url }, db, ...stores, drop };
}

async function dropByName(server: AnyKysely, kind: DatabaseKind, name: string): Promise<void> {
  const force = kind === "postgres" ? sql` with (force)` : sql``; // also under a process that is still connected
  await sql`drop database ${sql.id(name)}${force}`.execute(server);
}

/** Drops the databases of one run on a server: those that its processes have shared, and what was left over. */
export async function dropDatabasesOf(run: string, kind: DatabaseKind): Promise<void> {
  const server = connect({ kind, url: process.env[VARIABLES[kind] as string] as string }, 1);
  const names =
    kind === "postgres"
      ? sql<{ name: string }>`select datname as name from pg_database`
      : sql<{ name: string }>`select schema_name as name from information_schema.schemata`;
  const { rows } = await names.execute(server);
  for (const { name } of rows) if (name.startsWith(`sallyport_${run}`)) await dropByName(server, kind, name);
  await server.destroy();
}

async function createHere(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === "pglite") {
    const ref = { kind, url: "" };
    const { db, ...stores } = shared(ref);
    await sql`select 1`.execute(db); // seconds, which no test shall have to wait
    return { ref, db, ...stores, drop: () => db.destroy() };
  }
  const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
  const removeFolder = (): void => rmSync(directory, { recursive: true, force: true });
  process.once("exit", removeFolder); // of a run that is stopped before it drops the database
  const ref = { kind, url: join(directory, "auth.db") };
  const db = connect(ref);
  return { ref, db, ...files(ref, directory), drop };

  async function drop(): Promise<void> {
    await db.destroy();
    process.off("exit", removeFolder);
    removeFolder();
  }
}

/** Stores on a file each: copies of one that was migrated, which takes far longer than a copy. */
function files({ kind }: DatabaseRef, directory: string): Pick<TestDatabase, "freshStore" | "takeBack"> {
  const paths = new WeakMap<AuthStore, string>();
  const template = { kind, url: join(directory, "template.db") };
  let migrated: Promise<void> | undefined;
  let made = 0;
  return {
    freshStore: () => {
      const url = join(directory, `${++made}.db`);
      const ready = async (): Promise<void> => {
        migrated ??= migrateFile(template);
        await migrated;
        copyFileSync(template.url, url);
      };
      const store = kyselyStore(openedLate(source({ kind, url }, 1)(), ready));
      paths.set(store, url);
      return store;
    },
    takeBack: async (store) => {
      await store.close();
      rmSync(paths.get(store) as string, { force: true });
    },
  };
}

/** Stores that differ by the prefix of their tables: connections are dearer than tables. */
function shared(ref: DatabaseRef): Pick<TestDatabase, "db" | "freshStore" | "takeBack"> {
  const dialect = source(ref, 20);
  const db: AnyKysely = new Kysely({ dialect: dialect() });
  const prefixes = new WeakMap<AuthStore, string>();
  const free: string[] = [];
  let made = 0;
  return {
    db,
    freshStore: () => {
      const tablePrefix = free.pop() ?? `store${++made}_`;
      const ready = async (): Promise<void> => {
        const { from } = await migrate(db, { tablePrefix });
        if (from !== null) await emptyTables(db, tablePrefix);
      };
      const store = kyselyStore(openedLate(dialect(), ready), { tablePrefix });
      prefixes.set(store, tablePrefix);
      return store;
    },
    takeBack: async (store) => {
      await store.close();
      const prefix = prefixes.get(store);
      if (prefix !== undefined && prefixes.delete(store)) free.push(prefix);
    },
  };
}

/** Whatever is no event, proof or mail belongs to a user. */
export async function emptyTables(db: AnyKysely, prefix: string): Promise<void> {
  for (const table of ["events", "outbox", "email_proofs", "users"]) {
    await sql`delete from ${sql.table(`${prefix}${table}`)}`.execute(db);
  }
}

async function migrateFile(file: DatabaseRef): Promise<void> {
  const db = connect(file);
  await migrate(db);
  await db.destroy();
}

function openedLate(dialect: Dialect, ready: () => Promise<unknown>): AnyKysely {
  return new Kysely({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createDriver: () => readyFirst(dialect.createDriver(), ready),
    },
  });
}

/** The driver, but for its opening. Not a copy: drivers are classes with private fields. */
function readyFirst(driver: Driver, ready: () => Promise<unknown>): Driver {
  const init: Driver["init"] = async (options) => {
    await ready();
    await driver.init(options);
  };
  return new Proxy<Driver>(Object.create(null), {
    get: (_, name) => {
      const value: unknown = name === "init" ? init : Reflect.get(driver, name);
      return typeof value === "function" ? value.bind(driver) : value;
    },
  });
}
