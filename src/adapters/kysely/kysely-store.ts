import type { Kysely } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { boundedAccess, connected } from "./access.ts";
import { dialectOf } from "./dialects/detect.ts";
import { checkSchema, type MigrationPlan, migrateSchema, planOf } from "./migrator.ts";
import type { Schema } from "./sql-dialect.ts";
import { sqlStore } from "./store.ts";
import { assertKnownOptions, type TableOptions, type Tables, tableNames } from "./tables.ts";

export interface KyselyStoreOptions extends TableOptions {
  /** How long a call waits for a free connection before it is `unavailable`, in milliseconds; default 5,000. */
  readonly maxWaitMs?: number | undefined;
}

const MAX_WAIT_MS = 5_000;

/**
 * Keeps everything in the application's own database, through its own Kysely: PostgreSQL, MySQL/MariaDB or
 * SQLite. The Kysely stays the application's: closing the store does not close it. Its plugins do not touch
 * the store's statements; its `log` sees them, hashes included.
 *
 * With `pg`, listen for `error` on the pool and on each of its clients: when the server ends a connection
 * that a transaction has, the client says so by an event, and one that nobody listens for ends the process:
 * `pool.on("error", log).on("connect", (client) => client.on("error", log))`.
 *
 * The tables are made by `migrate(db)` or `npx sallyport migrate`; the first use checks them, and ends in
 * `invalid_configuration` with what to run when they are missing or of an older version.
 *
 * @throws AuthError `invalid_configuration`: no Kysely, an unknown database, or an unusable name.
 */
export function kyselyStore<Database>(db: Kysely<Database>, options: KyselyStoreOptions = {}): AuthStore {
  const { maxWaitMs = MAX_WAIT_MS, ...tables } = options;
  if (!(maxWaitMs >= 1 && maxWaitMs <= 60_000)) throw misconfigured("maxWaitMs must be 1 to 60000.");
  const schema = schemaOf(db, tables);
  const opening = schema.dialect.opening?.(schema.names.schema) ?? null;
  return sqlStore({
    ...schema,
    access: boundedAccess(db as unknown as Kysely<Tables>, { opening, maxWaitMs }),
    prepareTables: () =>
      connected(schema.db, maxWaitMs, (connection) => checkSchema({ ...schema, db: connection })),
    close: async () => {},
  });
}

/**
 * Brings the tables to the version of this release, or makes them. Run it before the first process of a
 * release starts: older ones go on working beside the new tables. Safe in many processes at once. The
 * database user needs to be allowed to create tables.
 *
 * @returns What was done; no statements: there was nothing to do.
 */
export function migrate<Database>(db: Kysely<Database>, options: TableOptions = {}): Promise<MigrationPlan> {
  return migrateSchema(schemaOf(db, options));
}

/** What `migrate` would do, for those who run their statements themselves. Changes nothing. */
export async function planMigration<Database>(
  db: Kysely<Database>,
  options: TableOptions = {},
): Promise<MigrationPlan> {
  const schema = schemaOf(db, options);
  return planOf(schema, schema.db);
}

function schemaOf<Database>(db: Kysely<Database>, options: TableOptions): Schema {
  if (typeof db?.withoutPlugins !== "function") throw misconfigured("kyselyStore needs a Kysely instance.");
  assertKnownOptions(options, ["tablePrefix", "schema"]);
  const plain = db.withoutPlugins() as unknown as Kysely<Tables>;
  const dialect = dialectOf(plain);
  if (dialect.name === "sqlite" && options.schema !== undefined) {
    throw misconfigured("schema: SQLite has none; use tablePrefix.");
  }
  return Object.freeze<Schema>({ db: plain, names: tableNames(options), dialect });
}
