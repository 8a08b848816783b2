import { CompiledQuery, type DatabaseConnection, type Kysely, sql } from "kysely";
import { createIndex, indexName } from "../ddl-parts.ts";
import type { Ddl, DoomedRows, Echo, SchemaDialect, Sent, SqlDialect } from "../sql-dialect.ts";
import type { StoredTime, Tables } from "../tables.ts";
import { driverField, faultOfSqlState, plainDriverError } from "./driver-error.ts";
import { quoteWith } from "./quote.ts";
import { isStaleStatement } from "./stale-statement.ts";

const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";
const RESTRICT_VIOLATION = "23001";
const RETRYABLE: readonly unknown[] = ["40001", "40P01"]; // serialization_failure, deadlock_detected
/** Classes of SQLSTATE whose messages quote values of rows or parameters. */
const QUOTING = /^(22|23|42601|44|P0)/;

const quote = quoteWith('"');

const DDL: Ddl = Object.freeze<Ddl>({
  quote,
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
  // In this order: DROP INDEX takes the strongest lock. Taken last, it would meet logins that wait for CREATE INDEX
  // and have read the table before, and end in a deadlock.
  replaceIndex: (table, { drop, create, columns }) => [
    `drop index ${qualified(table, indexName(table, drop, quote))}`,
    createIndex({ table, suffix: create, columns }, quote),
  ],
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
  echo: ({ winter, summer, bigint, integer, id, text }: Sent) => sql<Echo>`select
    ${winter}::timestamptz as echo_winter, ${summer}::timestamptz as echo_summer, ${bigint}::bigint as echo_bigint,
    ${integer}::integer as echo_integer, ${id}::uuid as echo_id, ${text}::text as echo_text,
    current_setting('DateStyle') as setting_date_style`,
  hints: {
    rows: "Switch off what renames columns, such as `transform`.",
    time: "Remove the type parser of timestamptz (`types.setTypeParser(1184, ...)`), or give the pool its own `types`.",
    integer: "Remove the type parsers of bigint (20) and integer (23), or give the pool its own `types`.",
    text: "Remove the type parsers of text (25) and uuid (2950), or give the pool its own `types`.",
  },
  unfitness: ({ setting_date_style: style }: Echo) =>
    String(style).startsWith("ISO")
      ? null
      : "DateStyle must be ISO: in another style, 4 January may be read as 1 April.",
  exclusively: <T>(db: Kysely<Tables>, lock: string, work: (db: Kysely<Tables>) => Promise<T>) =>
    // At a stricter level, a process that waited for the lock would still see the empty database.
    db
      .transaction()
      .setIsolationLevel("read committed")
      .execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
        return work(trx);
      }),
  isAlreadyDone: null,
});

/** The name of an index, with the schema of its table. */
function qualified(table: string, index: string): string {
  const [, schemaName] = table.split(".").reverse();
  return schemaName === undefined ? index : `${quote(schemaName)}.${index}`;
}

/** PostgreSQL, through `pg`, PGlite, or another driver of its protocol. */
export const postgresDialect: SqlDialect = Object.freeze<SqlDialect>({
  name: "postgres",
  placeholder: "$",
  ownQuotes: null,
  // As text with its offset: a driver writes a Date by the time zone of the process and by settings.
  encodeTime: (at: Date) => at.toISOString(),
  decodeTime: (stored: StoredTime) => new Date(stored),
  isDuplicate: (error: unknown) => driverField(error, "code") === UNIQUE_VIOLATION,
  isOrphan: (error: unknown) => driverField(error, "code") === FOREIGN_KEY_VIOLATION,
  isForeignKey: (error: unknown) =>
    [FOREIGN_KEY_VIOLATION, RESTRICT_VIOLATION].includes(String(driverField(error, "code"))),
  faultOf: (error: unknown) => faultOfSqlState(driverField(error, "code")),
  isRetryable: (error: unknown) => RETRYABLE.includes(driverField(error, "code")) || isStaleStatement(error),
  withoutValues: (error: unknown) =>
    plainDriverError(error, () => !QUOTING.test(String(driverField(error, "code")))),
  sever,
  noConnectionHint: "Does the server answer?",
  opening: null,
  mayCountChanges: false,
  referringLocks: false,
  failureSpoils: true,
  unlessTaken: sql`on conflict do nothing`,
  forUpdate: sql`for update`,
  // An array, not IN: for IN the planner may scan the whole table. Rows that another purge has locked are
  // skipped.
  deleteSome: ({ table, key, where, by, limit }: DoomedRows) =>
    sql`delete from ${sql.table(table)} where ${sql.ref(key)} = any (array
      (select ${sql.ref(key)} from ${sql.table(table)} where ${where} order by ${sql.ref(by)} limit ${limit}
        for update skip locked))`,
  schema,
});

/**
 * The driver discards a connection whose ROLLBACK failed: it closes the socket and tells the pool. So let one fail. The
 * executor is one of our own, and hands over this connection only.
 */
async function sever(db: Kysely<Tables>, connection: DatabaseConnection): Promise<void> {
  const own = db.withoutPlugins();
  own.getExecutor().provideConnection = async (use) => use(connection);
  // A busy client closes its socket at once. An idle one would wait for a server that may be silent.
  connection.executeQuery(CompiledQuery.raw("select 1")).catch(() => {});
  let hasBegun = false;
  connection.executeQuery = async () => {
    if (hasBegun) throw new TypeError("The connection is destroyed.");
    hasBegun = true;
    return { rows: [] };
  };
  const failing = own.transaction().execute(() => connection.executeQuery(CompiledQuery.raw("rollback")));
  await failing.catch(() => {});
}
