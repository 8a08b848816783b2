import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { migrate } from "sallyport/kysely";

/** The application's own tables. */
export interface Database {
  notes: { id: string; owner: string; text: string; created_at: Date };
}

export function openDatabase(connectionString: string): Kysely<Database> {
  // Five such processes share the 100 connections that PostgreSQL has by default.
  const pool = new Pool({ connectionString, max: 20, connectionTimeoutMillis: 2_000 });
  // Without listeners, a lost server ends the process: from an idle client or a busy one.
  pool.on("error", console.error).on("connect", (client) => client.on("error", console.error));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Creates the missing tables of the library and the application. Any number of processes may do it at once. */
export async function makeTables(db: Kysely<Database>): Promise<void> {
  await migrate(db);
  await db.transaction().execute(async (trx) => {
    // "if not exists" checks first and creates later: of two processes at once, one would fail.
    await sql`select pg_advisory_xact_lock(hashtextextended('sallyport-demo', 0))`.execute(trx);
    await sql`create table if not exists notes (
      id uuid primary key,
      owner uuid not null references auth_users (id) on delete cascade,
      text text not null,
      created_at timestamptz not null default now()
    )`.execute(trx);
    await sql`create index if not exists notes_by_owner on notes (owner, created_at)`.execute(trx);
  });
}

/** For the parent of the processes that use the tables: no process may see unfinished tables. */
export async function prepareDatabase(connectionString: string): Promise<void> {
  const db = openDatabase(connectionString);
  try {
    await makeTables(db);
  } finally {
    await db.destroy();
  }
}
