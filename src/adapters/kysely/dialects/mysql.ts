import { type DatabaseConnection, type Kysely, sql } from "kysely";
import { createIndex, indexName } from "../ddl-parts.ts";
import type { Ddl, DoomedRows, Echo, SchemaDialect, Sent, SqlDialect } from "../sql-dialect.ts";
import type { StoredTime, Tables } from "../tables.ts";
import { driverField, faultOfSqlState, plainDriverError } from "./driver-error.ts";
import { quoteWith } from "./quote.ts";

const DUPLICATE_ENTRY = 1062;
const NO_REFERENCED_ROW: readonly unknown[] = [1216, 1452];
const ROW_IS_REFERENCED: readonly unknown[] = [1217, 1451];
/** A column without a value and without a default; MySQL's CHECK. Their SQLSTATE says nothing. */
const REFUSED_ROW: readonly unknown[] = [1364, 3819];
// Lock wait timeout, deadlock, and "record has changed since last read" (MariaDB 11.6 and newer).
const RETRYABLE: readonly unknown[] = [1205, 1213, 1020];
// The table, the column or the index exists; the index to drop is gone.
const ALREADY_DONE: readonly unknown[] = [1050, 1060, 1061, 1091];
/** Errors of the server whose messages quote neither values nor statements. */
const PLAIN_MESSAGES: readonly unknown[] = [
  1020, 1040, 1044, 1045, 1049, 1053, 1129, 1130, 1142, 1146, 1158, 1205, 1213, 1216, 1217, 1290, 1317, 1451,
  1452, 1792, 1836,
];
const LOCK_WAIT_SECONDS = 60;

const schema: SchemaDialect = Object.freeze<SchemaDialect>({
  ddl: async (db: Kysely<Tables>) => ddlWith(await bytewiseCollation(db)),
  hasTable: async (db: Kysely<Tables>, name: string) => {
    const [table = "", schemaName = null] = name.split(".").reverse();
    const found = await sql`select 1 from information_schema.tables
      where table_schema = coalesce(${schemaName}, database()) and table_name = ${table}`.execute(db);
    return found.rows.length > 0;
  },
  createSchemaFor: async () => [],
  // Texts are compared as VARCHAR (the id) and as TEXT. A number in the statement is a BIGINT.
  echo: ({ winter, summer, bigint, integer, id, text }: Sent) => sql<Echo>`select
    cast(${winter} as signed) as echo_winter, cast(${summer} as signed) as echo_summer,
    cast(${bigint} as signed) as echo_bigint, cast(${integer} as signed) as echo_integer,
    cast(${id} as char(36) character set ascii) as echo_id, cast(${text} as char(20000)) as echo_text,
    @@sql_mode as setting_mode, @@autocommit as setting_autocommit, @@foreign_key_checks as setting_foreign_keys,
    concat_ws(' ', @@character_set_client, @@character_set_connection, @@character_set_results) as setting_letters`,
  hints: {
    rows: "Switch off `rowsAsArray` and `nestTables` of mysql2, and whatever renames columns.",
    time: "Remove `typeCast` or `queryFormat` from the options of the pool.",
    integer: "Remove `typeCast` or `queryFormat` from the options of the pool.",
    text: "Remove `typeCast` or `queryFormat` from the options of the pool.",
  },
  unfitness: (echo: Echo) => DEMANDS.find(([isMet]) => !isMet(echo))?.[1] ?? null,
  exclusively: <T>(db: Kysely<Tables>, lock: string, work: (db: Kysely<Tables>) => Promise<T>) =>
    db.connection().execute((connection) => underLock(connection, lock, work)),
  // Every CREATE commits at once: a killed migration continues where it ended.
  isAlreadyDone: (error: unknown) => ALREADY_DONE.includes(driverField(error, "errno")),
});

/** MariaDB and MySQL, through `mysql2`. */
export const mysqlDialect: SqlDialect = Object.freeze<SqlDialect>({
  name: "mysql",
  placeholder: "?",
  ownQuotes: /#/,
  // Milliseconds: drivers read a DATETIME by the time zones of process and pool.
  encodeTime: (at: Date) => at.getTime(),
  decodeTime: (stored: StoredTime) => new Date(Number(stored)),
  isDuplicate: (error: unknown) => driverField(error, "errno") === DUPLICATE_ENTRY,
  isOrphan: (error: unknown) => NO_REFERENCED_ROW.includes(driverField(error, "errno")),
  isForeignKey: (error: unknown) =>
    [...NO_REFERENCED_ROW, ...ROW_IS_REFERENCED].includes(driverField(error, "errno")),
  faultOf: (error: unknown) =>
    REFUSED_ROW.includes(driverField(error, "errno"))
      ? "row"
      : faultOfSqlState(driverField(error, "sqlState")),
  isRetryable: (error: unknown) => RETRYABLE.includes(driverField(error, "errno")),
  withoutValues: (error: unknown) => plainDriverError(error, isPlain),
  sever,
  noConnectionHint:
    "Does the server answer? Kysely needs a pool of mysql2: one of mysql2/promise never hands over a connection.",
  opening: null,
  mayCountChanges: true,
  referringLocks: true,
  failureSpoils: false,
  // INSERT IGNORE would also hide values that are too long, missing or of the wrong type.
  unlessTaken: sql``,
  forUpdate: sql`for update`,
  deleteSome: ({ table, where, by, limit }: DoomedRows) =>
    sql`delete from ${sql.table(table)} where ${where} order by ${sql.ref(by)} limit ${limit}`,
  schema,
});

/** Errors without an SQLSTATE come from the connection. */
function isPlain(error: unknown): boolean {
  return driverField(error, "sqlState") === undefined || PLAIN_MESSAGES.includes(driverField(error, "errno"));
}

function ddlWith(collation: string): Ddl {
  const bytewise = `character set utf8mb4 collate ${collation}`;
  const quote = quoteWith("`");
  return {
    quote,
    columns: {
      id: "char(36) character set ascii collate ascii_bin",
      time: "bigint",
      integer: "integer",
      counter: "bigint",
      word: "varchar(64) character set ascii collate ascii_bin",
      key: `varchar(255) ${bytewise}`,
      identifier: `varchar(512) ${bytewise}`,
      text: "text",
    },
    tableOptions: "engine = innodb default character set utf8mb4 collate utf8mb4_bin",
    indexOnly: () => "",
    // In this order: the foreign key of the column always has an index.
    replaceIndex: (table, { drop, create, columns }) => [
      createIndex({ table, suffix: create, columns }, quote),
      `drop index ${indexName(table, drop, quote)} on ${quote(table)}`,
    ],
  };
}

/** Most collations, also `utf8mb4_bin`, treat `a` and `a ` as equal. These two do not: MariaDB's, MySQL's. */
async function bytewiseCollation(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select collation_name as name
    from information_schema.collations where collation_name in ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')`.execute(
    db,
  );
  return rows[0]?.name ?? "utf8mb4_bin";
}

/** The settings that a session needs: without them a promise breaks silently. */
const DEMANDS: readonly (readonly [isMet: (echo: Echo) => boolean, demand: string])[] = [
  [
    ({ setting_mode }) => /STRICT_(TRANS|ALL)_TABLES/.test(String(setting_mode)),
    "sql_mode must contain STRICT_TRANS_TABLES: without it MySQL cuts texts that are too long.",
  ],
  [
    ({ setting_mode }) => !String(setting_mode).includes("NO_BACKSLASH_ESCAPES"),
    "sql_mode must not contain NO_BACKSLASH_ESCAPES: mysql2 escapes with backslashes.",
  ],
  [
    ({ setting_letters }) => setting_letters === "utf8mb4 utf8mb4 utf8mb4",
    "The connection's character set must be utf8mb4: in another one, two texts may become equal.",
  ],
  [
    ({ setting_autocommit }) => Number(setting_autocommit) === 1,
    "autocommit must be on: without it, finished work is undone when the connection closes.",
  ],
  [
    ({ setting_foreign_keys }) => Number(setting_foreign_keys) === 1,
    "foreign_key_checks must be on: without it, passwords and sessions outlive their deleted users.",
  ],
];

/** Closes the socket, and takes the connection out of its pool. */
async function sever(_db: Kysely<Tables>, connection: DatabaseConnection): Promise<void> {
  // It would also ask the server to end the session, over another connection. That one would hang as well.
  connection.killSession?.(async () => {}).catch(() => {});
}

async function underLock<T>(
  connection: Kysely<Tables>,
  lock: string,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  const { rows } = await sql<{
    held: number;
  }>`select get_lock(${lock}, ${LOCK_WAIT_SECONDS}) as held`.execute(connection);
  if (Number(rows[0]?.held) !== 1) throw new TypeError("Another migration holds the lock.");
  try {
    return await work(connection);
  } finally {
    await sql`select release_lock(${lock})`.execute(connection);
  }
}
