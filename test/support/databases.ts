import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import Database from "better-sqlite3";
import { Kysely, MysqlDialect, PGliteDialect, PostgresDialect, SqliteDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { Pool } from "pg";
import { nodeSqliteDialect } from "sallyport/sqlite";

/** What a process needs to reach a database: fit to be sent to another one. */
export interface DatabaseRef {
  readonly kind: DatabaseKind;
  /** Of the server, or the path of the file; PGlite lives in its process, and has none. */
  readonly url: string;
}

export type DatabaseKind = "postgres" | "mariadb" | "pglite" | "node-sqlite" | "better-sqlite3";

// biome-ignore lint/suspicious/noExplicitAny: a test's tables are whatever it makes.
export type AnyKysely = Kysely<any>;

export interface TestDatabase {
  readonly ref: DatabaseRef;
  readonly db: AnyKysely;
  /** Closes the connections and deletes the database. */
  drop(): Promise<void>;
}

export const NEEDS_NO_SERVER: readonly DatabaseKind[] = ["pglite", "node-sqlite", "better-sqlite3"];
export const SERVERS: Readonly<Partial<Record<DatabaseKind, string>>> = {
  postgres: "POSTGRES_URL",
  mariadb: "MYSQL_URL",
};

/** An empty database of this kind, for this test alone. */
export async function createDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const variable = SERVERS[kind];
  return variable ? createOnServer(kind, process.env[variable] as string) : createHere(kind);
}

/** Another pool of connections to the same database, in this process or another one. */
export function connect({ kind, url }: DatabaseRef, connections = 20): AnyKysely {
  switch (kind) {
    case "postgres": {
      const pool = new Pool({ connectionString: url, max: connections });
      // A server that goes away is part of the tests, also while a transaction has the connection.
      pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
      return new Kysely({ dialect: new PostgresDialect({ pool }) });
    }
    case "mariadb":
      return new Kysely({
        dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: connections }) }),
      });
    case "pglite":
      return new Kysely({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
    case "node-sqlite":
      return new Kysely({ dialect: nodeSqliteDialect(url) });
    case "better-sqlite3":
      return new Kysely({ dialect: new SqliteDialect({ database: () => betterSqlite(url) }) });
  }
}

async function betterSqlite(path: string): Promise<Database.Database> {
  const database = new Database(path);
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = normal");
  return database;
}

async function createOnServer(kind: DatabaseKind, serverUrl: string): Promise<TestDatabase> {
  const name = `sallyport_${randomBytes(6).toString("hex")}`;
  const url = Object.assign(new URL(serverUrl), { pathname: name }).href;
  const server = connect({ kind, url: serverUrl }, 1);
  await sql`create database ${sql.id(name)}`.execute(server);
  const db = connect({ kind, url });
  const drop = async (): Promise<void> => {
    await db.destroy();
    await sql`drop database ${sql.id(name)}${kind === "postgres" ? sql` with (force)` : sql``}`.execute(
      server,
    );
    await server.destroy();
  };
  return { ref: { kind, url }, db, drop };
}

async function createHere(kind: DatabaseKind): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
  const ref = { kind, url: join(directory, "auth.db") };
  const db = connect(ref);
  const drop = async (): Promise<void> => {
    await db.destroy();
    rmSync(directory, { recursive: true });
  };
  return { ref, db, drop };
}
