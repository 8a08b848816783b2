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
  // From the catalog's own tables: `to_regclass` alone answers from a cache that a connection does not
  // renew after it has waited for the migration's lock, and the table made meanwhile is not in it.
  hasTable: async (db: Kysely<Tables>, name: string) => {
    const found = await sql`select 1 from pg_catalog.pg_class
      where oid = to_regclass(${DDL.quote(name)})`.execute(db);
    return found.rows.length > 0;
  },
  createSchemaFor: async (db: Kysely<Tables>, table: string) => {
    const [, name] = table.split(".").reverse();
    if (name === undefined) return [];
    const found = await sql`select 1 from pg_catalog.pg_namespace where nspname = ${name}`.execute(db);
    // Not IF NOT EXISTS: that needs the right to create one even where it exists.
    return found.rows.length > 0 ? [] : [`create schema ${DDL.quote(name)}`];
  },
  unfitness,
  exclusively: <T>(db: Kysely<Tables>, lock: string, work: (db: Kysely<Tables>) => Promise<T>) =>
    // At a stricter level, who waited for the lock would look again at the empty database of before.
    db
      .transaction()
      .setIsolationLevel("read committed")
      .execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
        return work(trx);
      }),
  isAlreadyThere: null,
});

/** PostgreSQL, through `pg`, PGlite, or whatever speaks its protocol. */
export const postgresDialect: SqlDialect = Object.freeze<SqlDialect>({
  name: "postgres",
  // As text with its offset: how drivers write a Date depends on the process's time zone and on settings.
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
  // An array, not IN: the planner may answer IN with a scan of the whole table. Rows that another purge
  // has locked are its business.
  deleteSome: ({ table, key, where, by, limit }: DoomedRows) =>
    sql`delete from ${sql.table(table)} where ${sql.ref(key)} = any (array
      (select ${sql.ref(key)} from ${sql.table(table)} where ${where} order by ${sql.ref(by)} limit ${limit}
        for update skip locked))`,
  schema,
});

async function unfitness(db: Kysely<Tables>): Promise<string | null> {
  const { rows } = await sql<{ style: string }>`select current_setting('DateStyle') as style`.execute(db);
  if (rows[0]?.style.startsWith("ISO")) return null;
  return "DateStyle must be ISO: in any other, what is read as 4 January may be 1 April.";
}
