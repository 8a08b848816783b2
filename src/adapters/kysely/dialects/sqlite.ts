import { CompiledQuery, type Kysely, sql } from "kysely";
import { createIndex, indexName } from "../ddl-parts.ts";
import type { DoomedRows, Echo, SchemaDialect, Sent, SqlDialect } from "../sql-dialect.ts";
import type { StoredTime, Tables } from "../tables.ts";
import { quoteWith } from "./quote.ts";

// The result codes of SQLite, and the names that better-sqlite3 gives them.
const BUSY = 5;
const LOCKED = 6;
const CONSTRAINT_UNIQUE = [2067, 1555, "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"];
const CONSTRAINT_FOREIGN_KEY = [787, "SQLITE_CONSTRAINT_FOREIGNKEY"];
/** ON DELETE RESTRICT is a trigger. So are those of an application, which raise the same code. */
const CONSTRAINT_TRIGGER = [1811, "SQLITE_CONSTRAINT_TRIGGER"];
/** Primary codes: constraint; error in the statement, datatype mismatch, wrong number of parameters. */
const CONSTRAINT = 19;
const WRONG_STATEMENT = [1, 20, 25];

const quote = quoteWith('"');

const schema: SchemaDialect = Object.freeze<SchemaDialect>({
  ddl: async () => ({
    quote,
    columns: {
      id: "text",
      time: "integer",
      integer: "integer",
      counter: "integer",
      word: "text",
      key: "text",
      identifier: "text",
      text: "text",
    },
    // Rows are stored in the tree of their key: finding a session takes one search, not two as with a rowid.
    tableOptions: "strict, without rowid",
    indexOnly: (condition: string) => ` where ${condition}`,
    replaceIndex: (table, { drop, create, columns }) => [
      `drop index ${indexName(table, drop, quote)}`,
      createIndex({ table, suffix: create, columns }, quote),
    ],
  }),
  hasTable: async (db: Kysely<Tables>, name: string) => {
    const found = await sql`select 1 from sqlite_master where type = 'table' and name = ${name}`.execute(db);
    return found.rows.length > 0;
  },
  createSchemaFor: async () => [],
  echo: ({ winter, summer, bigint, integer, id, text }: Sent) => sql<Echo>`select
    cast(${winter} as integer) as echo_winter, cast(${summer} as integer) as echo_summer,
    cast(${bigint} as integer) as echo_bigint, cast(${integer} as integer) as echo_integer,
    cast(${id} as text) as echo_id, cast(${text} as text) as echo_text,
    (select foreign_keys from pragma_foreign_keys) as setting_foreign_keys`,
  hints: {
    rows: "Switch off whatever gives rows as arrays or renames columns.",
    time: "Remove what converts the values of statements.",
    integer: "Remove what converts the values of statements.",
    text: "Remove what converts the values of statements.",
  },
  unfitness: ({ setting_foreign_keys: foreignKeys }: Echo) =>
    Number(foreignKeys) === 1
      ? null
      : "SQLite must enforce foreign keys: run `pragma foreign_keys = on` on each connection.",
  exclusively: <T>(db: Kysely<Tables>, _lock: string, work: (db: Kysely<Tables>) => Promise<T>) =>
    db.connection().execute((connection) => immediately(connection, work)),
  isAlreadyDone: null,
});

/** SQLite, through `node:sqlite` or better-sqlite3. */
export const sqliteDialect: SqlDialect = Object.freeze<SqlDialect>({
  name: "sqlite",
  placeholder: "?",
  ownQuotes: /\[/,
  encodeTime: (at: Date) => at.getTime(),
  decodeTime: (stored: StoredTime) => new Date(Number(stored)),
  isDuplicate: (error: unknown) => CONSTRAINT_UNIQUE.includes(resultCode(error) ?? ""),
  isOrphan: (error: unknown) => CONSTRAINT_FOREIGN_KEY.includes(resultCode(error) ?? ""),
  isForeignKey,
  faultOf,
  isRetryable: isBusy,
  // SQLite's messages name tables and columns, never values.
  withoutValues: (error: unknown) => error,
  sever: null,
  noConnectionHint: "Is a transaction of the application open?",
  // Deletes nothing, but takes the write lock. A transaction that reads first would be refused later
  // (BUSY_SNAPSHOT) if another process wrote in between. With `node:sqlite`, BEGIN IMMEDIATE takes the lock.
  opening: (table: string) => CompiledQuery.raw(`delete from "${table}" where 0`),
  mayCountChanges: false,
  referringLocks: false,
  failureSpoils: false,
  unlessTaken: sql`on conflict do nothing`,
  // A writer is alone in the database.
  forUpdate: sql``,
  deleteSome: ({ table, key, where, by, limit }: DoomedRows) =>
    sql`delete from ${sql.table(table)} where ${sql.ref(key)} in
      (select ${sql.ref(key)} from ${sql.table(table)} where ${where} order by ${sql.ref(by)} limit ${limit})`,
  schema,
});

/** Not `db.transaction()`: its plain BEGIN takes no lock, so a write after a read may be refused. */
async function immediately<T>(
  connection: Kysely<Tables>,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  await sql`begin immediate`.execute(connection);
  try {
    const result = await work(connection);
    await sql`commit`.execute(connection);
    return result;
  } catch (error) {
    await sql`rollback`.execute(connection).catch(() => {}); // SQLite itself rolls back when the disk is full
    throw error;
  }
}

/** Another connection holds the lock. The low byte tells it; the other bytes tell which lock. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error) ?? 0;
  if (typeof code === "string") return /^SQLITE_(BUSY|LOCKED)/.test(code);
  const primary = code & 0xff;
  return primary === BUSY || primary === LOCKED;
}

function isForeignKey(error: unknown): boolean {
  const code = resultCode(error) ?? "";
  if (CONSTRAINT_FOREIGN_KEY.includes(code)) return true;
  return CONSTRAINT_TRIGGER.includes(code) && /foreign key/i.test(String(error));
}

function faultOf(error: unknown): "row" | "statement" | null {
  const code = resultCode(error);
  if (typeof code === "number") {
    if ((code & 0xff) === CONSTRAINT) return "row";
    return WRONG_STATEMENT.includes(code & 0xff) ? "statement" : null;
  }
  if (code?.startsWith("SQLITE_CONSTRAINT")) return "row";
  // Without a code of SQLite: the driver could not bind a value.
  const isWrong = code === undefined || /^(SQLITE_(ERROR|MISMATCH|RANGE)$|ERR_INVALID)/.test(code);
  return isWrong ? "statement" : null;
}

function resultCode(error: unknown): number | string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode;
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
