import { type Kysely, sql } from "kysely";
import type { Ddl, DoomedRows, SchemaDialect, SqlDialect } from "../sql-dialect.ts";
import type { StoredTime, Tables } from "../tables.ts";
import { driverField, plainDriverError } from "./driver-error.ts";
import { quoteWith } from "./quote.ts";

const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";
const RETRYABLE: readonly unknown[] = ["40001", "40P01"]; // serialization_failure, deadlock_detected
/** Classes of SQLSTATE whose messages quote values of rows or parameters. */
const QUOTING = /^(22|23|42601|44|P0)/;

const DDL: Ddl = Object.freeze<Ddl>({
  quote: quoteWith('"'),
  columns: Object.freeze({
    id: "uuid",
    time: "timestamptz",
    integer: "integer",
    counter: "bigint",
    // The database's own collation may hold two spellings for one text; "C" compares bytes.
    word: 'text collate "C"',
    key: 'text collate "C"',
    identifier: 'text collate "C"',
    text: "text",
  }),
  tableOptions: "",
  indexOnly: (condition: string) => ` where ${condition}`,
});

const schema: SchemaDialect = Object.freeze<SchemaDialect>({
  ddl: async () => DDL,
  // From the catalog's tables: `to_regclass` alone answers from a cache. A connection that waited for the
  // migration's lock does not renew it, so it would not find the new table.
  hasTable: async (db: Kysely<Tables>, name: string) => {
    const found = await sql`select 1 from pg_catalog.pg_class
      where oid = to_regclass(${DDL.quote(name)})`.execute(db);
    return found.rows.length > 0;
  },
  createSchemaFor: async (db: Kysely<Tables>, table: string) => {
    const [, name] = table.split(".").reverse();
    if (name === undefined) return [];
    const found = await sql`select 1 from pg_catalog.pg_namespace where nspname = ${name}`.execute(db);
    // Not IF NOT EXISTS: it needs the right to create a schema even where the schema exists.
    return found.rows.length > 0 ? [] : [`create schema ${DDL.quote(name)}`];
  },
  unfitness,
  exclusively: <T>(db: Kysely<Tables>, lock: string, work: (db: Kysely<Tables>) => Promise<T>) =>
    // At a stricter level, a process that waited for the lock would still see the empty database.
    db
      .transaction()
      .setIsolationLevel("read committed")
      .execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
        return work(trx);
      }),
  isAlreadyThere: null,
});

/** PostgreSQL, through `pg`, PGlite, or another driver of its protocol. */
export const postgresDialect: SqlDialect = Object.freeze<SqlDialect>({
  name: "postgres",
  // As text with its offset: a driver writes a Date by the time zone of the process and by settings.
  encodeTime: (at: Date) => at.toISOString(),
  decodeTime: (stored: StoredTime) => new Date(stored),
  isDuplicate: (error: unknown) =>
    driverField(error, "code") === UNIQUE_VIOLATION &&
    !String(driverField(error, "constraint")).endsWith("_pkey"),
  isOrphan: (error: unknown) => driverField(error, "code") === FOREIGN_KEY_VIOLATION,
  isRetryable: (error: unknown) => RETRYABLE.includes(driverField(error, "code")),
  withoutValues: (error: unknown) =>
    plainDriverError(error, () => !QUOTING.test(String(driverField(error, "code")))),
  opening: null,
  mayCountChanges: false,
  referringLocks: false,
  failureSpoils: true,
  unlessTaken: (key: readonly string[]) =>
    sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do nothing`,
  forUpdate: sql`for update`,
  // An array, not IN: for IN the planner may scan the whole table. Rows that another purge has locked are
  // skipped.
  deleteSome: ({ table, key, where, by, limit }: DoomedRows) =>
    sql`delete from ${sql.table(table)} where ${sql.ref(key)} = any (array
      (select ${sql.ref(key)} from ${sql.table(table)} where ${where} order by ${sql.ref(by)} limit ${limit}
        for update skip locked))`,
  schema,
});

async function unfitness(db: Kysely<Tables>): Promise<string | null> {
  const { rows } = await sql<{ style: string }>`select current_setting('DateStyle') as style`.execute(db);
  if (rows[0]?.style.startsWith("ISO")) return null;
  return "DateStyle must be ISO: in another style, 4 January may be read as 1 April.";
}
