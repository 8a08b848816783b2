import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { migrate } from "sallyport/kysely";

/** The application's own tables. */
export interface Database {
  notes: { id: string; owner: string; text: string; created_at: Date };
}

export function openDatabase(connectionString: string): Kysely<Database> {
  // Three instances share the 100 connections that PostgreSQL has by default.
  const pool = new Pool({ connectionString, max: 20, connectionTimeoutMillis: 2_000 });
  // Without listeners, a server that goes away takes the process with it: on idle clients, and on busy ones.
  pool.on("error", console.error).on("connect", (client) => client.on("error", console.error));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Makes the library's tables and the application's, before the instances that use them start. */
export async function prepareDatabase(connectionString: string): Promise<void> {
  const db = openDatabase(connectionString);
  try {
    await migrate(db);
    await sql`create table if not exists notes (
      id uuid primary key,
      owner uuid not null references auth_users (id) on delete cascade,
      text text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
    await sql`create index if not exists notes_by_owner on notes (owner, created_at)`.execute(db);
  } finally {
    await db.destroy();
  }
}
