import type { Kysely } from "kysely";
import { AuthError, isAuthError, misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { boundedAccess } from "./access.ts";
import { dialectOf } from "./dialects/detect.ts";
import { assertUnchanged, readEcho } from "./driver-echo.ts";
import { checkSchema, type MigrationPlan, migrateSchema, planOf } from "./migrator.ts";
import type { Schema } from "./sql-dialect.ts";
import { sqlStore } from "./store.ts";
import { assertKnownOptions, type TableOptions, type Tables, tableNames } from "./tables.ts";

export interface KyselyStoreOptions extends TableOptions {
  /**
   * The longest that one call waits for the database, in milliseconds: for a free connection, for locks and for
   * answers, repetitions included. Then the call is `unavailable`, and the connection is destroyed. Default 5,000.
   */
  readonly maxWaitMs?: number | undefined;
}

const MAX_WAIT_MS = 5_000;
/** Drivers give up connecting after 10 s: their error says more. */
const MIGRATION_WAIT_MS = 12_000;

/**
 * Keeps everything in the application's own database, through its Kysely: PostgreSQL, MySQL/MariaDB or SQLite.
 * Closing the store does not close the Kysely. The Kysely's plugins do not change the store's statements; its
 * `log` sees the statements with their values, hashes included.
 *
 * `migrate(db)` or `npx sallyport migrate` makes the tables. The first use checks them. If they are missing or
 * too old, it throws `invalid_configuration` with the command to run.
 *
 * With `pg`, listen for `error` on the pool and on each client, as below. When the server ends the connection of
 * a transaction, the client emits `error`, and an `error` without a listener ends the process.
 *
 * @example
 * ```ts
 * import { Kysely, PostgresDialect } from "kysely";
 * import pg from "pg";
 * import { createAuth } from "sallyport";
 * import { kyselyStore, migrate } from "sallyport/kysely";
 *
 * const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
 * pool.on("error", console.error).on("connect", (client) => client.on("error", console.error));
 * const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
 *
 * await migrate(db);
 * const auth = createAuth({ secret: process.env["AUTH_SECRET"], store: kyselyStore(db) });
 * ```
 * @throws AuthError `invalid_configuration`: no Kysely, an unknown database, or an invalid name.
 */
export function kyselyStore<Database>(db: Kysely<Database>, options: KyselyStoreOptions = {}): AuthStore {
  assertKnownOptions(options, ["maxWaitMs", "tablePrefix", "schema"]);
  const { maxWaitMs = MAX_WAIT_MS, ...tables } = options;
  if (typeof maxWaitMs !== "number" || !(maxWaitMs >= 1 && maxWaitMs <= 60_000))
    throw misconfigured("maxWaitMs must be 1 to 60000.");
  const schema = schemaOf(db, tables);
  const opening = schema.dialect.opening?.(schema.names.schema) ?? null;
  const bounds = { dialect: schema.dialect, opening, maxWaitMs };
  const access = boundedAccess(db as unknown as Kysely<Tables>, bounds);
  return sqlStore({
    ...schema,
    access,
    maxWaitMs,
    prepareTables: () =>
      access.call(({ connected }) => connected((connection) => checkSchema({ ...schema, db: connection }))),
    close: async () => {},
  });
}

/**
 * Creates the tables, or brings them to the version of this release. Run it before the first process of a
 * release starts: processes of older releases work with the new tables. It is safe in many processes at once.
 * The database user needs the right to create tables.
 *
 * @example
 * ```ts
 * import { Kysely } from "kysely";
 * import { migrate } from "sallyport/kysely";
 * import { nodeSqliteDialect } from "sallyport/sqlite";
 *
 * const db = new Kysely({ dialect: nodeSqliteDialect("app.db") });
 * const { from, to, statements } = await migrate(db);
 * console.log(`from ${from ?? "nothing"} to ${to}: ${statements.length} statements`);
 * ```
 * @returns What it did. Without statements there was nothing to do.
 */
export async function migrate<Database>(
  db: Kysely<Database>,
  options: TableOptions = {},
): Promise<MigrationPlan> {
  const schema = schemaOf(db, options);
  await tryDriver(schema);
  return migrateSchema(schema);
}

/** Answers what `migrate` would do, for applications that run the statements themselves. Changes nothing. */
export async function planMigration<Database>(
  db: Kysely<Database>,
  options: TableOptions = {},
): Promise<MigrationPlan> {
  const schema = schemaOf(db, options);
  await tryDriver(schema);
  return planOf(schema, schema.db);
}

/** Fails in time, and says why, where a pool hands over no connection or a driver changes rows. */
async function tryDriver({ db, dialect }: Schema): Promise<void> {
  const access = boundedAccess(db, { dialect, opening: null, maxWaitMs: MIGRATION_WAIT_MS });
  try {
    assertUnchanged(
      await access.call(({ connected }) => connected((own) => readEcho(own, dialect))),
      dialect,
    );
  } catch (error) {
    if (!isAuthError(error) || error.code !== "unavailable") throw error;
    throw new AuthError("unavailable", { message: String(error.cause), cause: error.cause });
  }
}

function schemaOf<Database>(db: Kysely<Database>, options: TableOptions): Schema {
  if (typeof db?.withoutPlugins !== "function") throw misconfigured("kyselyStore needs a Kysely instance.");
  assertKnownOptions(options, ["tablePrefix", "schema"]);
  const plain = db.withoutPlugins() as unknown as Kysely<Tables>;
  const dialect = dialectOf(plain);
  if (dialect.name === "sqlite" && options.schema !== undefined) {
    throw misconfigured("schema: SQLite has no schemas; use tablePrefix.");
  }
  return Object.freeze<Schema>({ db: plain, names: tableNames(options), dialect });
}
