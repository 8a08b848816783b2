import { randomBytes } from "node:crypto";
import { Kysely, type LogConfig, MysqlDialect, PostgresDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { Pool } from "pg";
import type { Tables } from "../../src/adapters/kysely/tables.ts";

/** A kind of database server, and how one is spoken to. */
export interface Server {
  readonly name: "postgres" | "mariadb";
  /** The environment variable with its URL. */
  readonly variable: string;
  readonly connect: (url: string, log?: LogConfig) => Kysely<Tables>;
  /** Ends DROP DATABASE. */
  readonly evenIfInUse: string;
  /** A sentence on what was measured. */
  readonly describe: string;
}

export const SERVERS: readonly Server[] = [
  {
    name: "postgres",
    variable: "POSTGRES_URL",
    connect: (url, log = []) => {
      const pool = new Pool({ connectionString: url, max: 2 });
      pool.on("error", () => {}); // DROP DATABASE ends connections that are just closing
      return new Kysely({ dialect: new PostgresDialect({ pool }), log });
    },
    evenIfInUse: "with (force)",
    describe: `select 'PostgreSQL ' || current_setting('server_version') || ', shared_buffers '
      || current_setting('shared_buffers') as line`,
  },
  {
    name: "mariadb",
    variable: "MYSQL_URL",
    connect: (url, log = []) =>
      new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 2 }) }), log }),
    evenIfInUse: "",
    describe: `select concat('MariaDB ', version(), ', buffer pool ',
      @@innodb_buffer_pool_size div 1048576, ' MB') as line`,
  },
];

/** A database that is gone once `work` has ended, however it ended. */
export interface ScratchDatabase {
  readonly db: Kysely<Tables>;
  readonly url: string;
}

export async function withDatabase<T>(
  server: Server,
  work: (database: ScratchDatabase) => Promise<T>,
): Promise<T> {
  const serverUrl = process.env[server.variable] as string;
  const name = `sallyport_scale_${randomBytes(4).toString("hex")}`;
  const url = Object.assign(new URL(serverUrl), { pathname: name }).href;
  const administration = server.connect(serverUrl);
  await sql`create database ${sql.id(name)}`.execute(administration);
  const db = server.connect(url);
  try {
    return await work({ db, url });
  } finally {
    await db.destroy();
    await sql`drop database ${sql.id(name)} ${sql.raw(server.evenIfInUse)}`.execute(administration);
    await administration.destroy();
  }
}

export async function describeServer(server: Server, { db }: ScratchDatabase): Promise<string> {
  const { rows } = await sql<{ line: string }>`${sql.raw(server.describe)}`.execute(db);
  return rows[0]?.line ?? server.name;
}
