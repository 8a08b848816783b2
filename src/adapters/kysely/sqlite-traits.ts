import { type Kysely, sql } from "kysely";
import type { DoomedRows, SqlDialect } from "./sql-dialect.ts";
import type { StoredTime, Tables } from "./tables.ts";

const BUSY = 5;
const LOCKED = 6;
const CONSTRAINT_UNIQUE = 2067;

/** SQLite through `node:sqlite`. */
export const sqliteTraits: SqlDialect = Object.freeze<SqlDialect>({
  columns: Object.freeze({
    id: "text",
    time: "integer",
    integer: "integer",
    key: "text",
    identifier: "text",
    text: "text",
  }),
  // Rows live in the tree of their key: one descent to a session, where a rowid table needs two.
  tableOptions: "strict, without rowid",
  encodeTime: (at: Date) => at.getTime(),
  decodeTime: (stored: StoredTime) => new Date(stored),
  isDuplicate: (error: unknown) => resultCode(error) === CONSTRAINT_UNIQUE,
  isRetryable: isBusy,
  // SQLite's messages name tables and columns, never values.
  withoutValues: (error: unknown) => error,
  unlessTaken: (key: readonly string[]) =>
    sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do nothing`,
  deleteSome: ({ table, key, where, limit }: DoomedRows) =>
    sql`delete from ${sql.table(table)} where ${sql.ref(key)} in
      (select ${sql.ref(key)} from ${sql.table(table)} where ${where} limit ${limit})`,
  hasTable: async (db: Kysely<Tables>, name: string) => {
    const found = await sql`select 1 from sqlite_master where type = 'table' and name = ${name}`.execute(db);
    return found.rows.length > 0;
  },
});

/** Another connection holds the lock (the low byte; the rest says which one). */
export function isBusy(error: unknown): boolean {
  const primary = (resultCode(error) ?? 0) & 0xff;
  return primary === BUSY || primary === LOCKED;
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}
