import { createHash } from "node:crypto";
import { CompiledQuery, type Kysely, sql } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { NewTable } from "./ddl-parts.ts";
import { assertFit, readEcho } from "./driver-echo.ts";
import { MIGRATIONS, type Migration, SCHEMA_VERSION, schemaTable } from "./migrations.ts";
import type { Ddl, Schema, SqlDialect } from "./sql-dialect.ts";
import type { Tables } from "./tables.ts";

/** The steps from a database to this release. */
export interface MigrationPlan {
  /** The schema version of the database. Null: it has no tables of ours yet. */
  readonly from: number | null;
  /** The schema version of this release, or the database's own where that is newer. */
  readonly to: number;
  /** In order. Empty: there is nothing to do. */
  readonly statements: readonly string[];
}

/**
 * Brings the tables to this version. It is safe in many processes at once: the first one works, the others wait
 * and then find nothing to do.
 */
export async function migrateSchema(schema: Schema): Promise<MigrationPlan> {
  // First without the lock: most starts find the tables up to date.
  const first = await planOf(schema, schema.db);
  if (first.statements.length === 0) return first;
  const lock = createHash("sha256").update(`migrate ${schema.names.schema}`).digest("hex").slice(0, 32);
  return schema.dialect.schema.exclusively(schema.db, `sallyport:${lock}`, async (db) => {
    const plan = await planOf(schema, db);
    await assertNothingInTheWay(schema, db, plan);
    for (const statement of plan.statements) await apply(schema, { db, plan, statement });
    return plan;
  });
}

/**
 * Refuses a foreign table before the first CREATE. MySQL commits each CREATE at once: afterwards the foreign
 * table would look like one of ours, left by a killed migration.
 */
async function assertNothingInTheWay(
  { dialect, names }: Schema,
  db: Kysely<Tables>,
  { from }: MigrationPlan,
): Promise<void> {
  const later = MIGRATIONS.filter(({ version }) => version > (from ?? 0));
  const added = later.flatMap(({ newTables }) => newTables?.(names) ?? []);
  const made = from === null ? Object.values(names).map((name) => ({ name, columns: [] })) : added;
  for (const table of made) {
    if (!(await dialect.schema.hasTable(db, table.name))) continue;
    if (await isLeftBehind(dialect, db, table)) continue;
    throw misconfigured(`The database has a table ${table.name} that is not ours. Choose another prefix.`);
  }
}

/** Whether a killed migration made the table. */
async function isLeftBehind(
  dialect: SqlDialect,
  db: Kysely<Tables>,
  { name, columns }: NewTable,
): Promise<boolean> {
  if (!dialect.schema.isAlreadyDone || columns.length === 0) return false;
  const probe = sql`select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(name)} where 1 = 0`;
  return probe.execute(db).then(
    () => true,
    (error) => {
      if (dialect.faultOf(error) === "statement") return false; // it has other columns
      throw error;
    },
  );
}

/** What `migrateSchema` would do. */
export async function planOf(schema: Schema, db: Kysely<Tables>): Promise<MigrationPlan> {
  const from = await schemaVersion(schema, db);
  const steps = MIGRATIONS.filter(({ version }) => version > (from ?? 0));
  if (steps.length === 0) return { from, to: from ?? 0, statements: [] };
  const { names, dialect } = schema;
  const ddl = await dialect.schema.ddl(db);
  const first =
    from === null
      ? [...(await dialect.schema.createSchemaFor(db, names.schema)), schemaTable(names, ddl)]
      : [];
  const statements = [...first, ...steps.flatMap((step) => statementsOf(step, schema, ddl))];
  return { from, to: SCHEMA_VERSION, statements };
}

/** Throws unless the tables exist and suit this release. The message names the command to run. */
export async function checkSchema(schema: Schema): Promise<void> {
  const { dialect, db, names } = schema;
  assertFit(await readEcho(db, dialect), dialect);
  const version = await schemaVersion(schema, db);
  if (version === null) throw misconfigured(`The database has no table ${names.schema} yet. ${COMMAND}`);
  if (version < SCHEMA_VERSION) {
    throw misconfigured(
      `The database has schema version ${version}, and this release needs ${SCHEMA_VERSION}. ${COMMAND}`,
    );
  }
  if (version > SCHEMA_VERSION) await assertWorksBeside(schema, version);
}

const COMMAND = "Run `npx sallyport migrate --url <your database>`, or `migrate(db)` of sallyport/kysely.";

/** Null: there is no schema yet. */
async function schemaVersion(
  { names, dialect }: Pick<Schema, "names" | "dialect">,
  db: Kysely<Tables>,
): Promise<number | null> {
  if (!(await dialect.schema.hasTable(db, names.schema))) return null;
  const newest = db.selectFrom(names.schema).select("version").orderBy("version", "desc").limit(1);
  return Number((await newest.executeTakeFirst())?.version ?? 0);
}

/** A newer release has migrated already. This one goes on, unless the newer schema excludes it. */
async function assertWorksBeside({ db, names }: Schema, version: number): Promise<void> {
  const { worksSince } = await db
    .selectFrom(names.schema)
    .select(({ fn }) => fn.max("works_since").as("worksSince"))
    .executeTakeFirstOrThrow();
  if (Number(worksSince) <= SCHEMA_VERSION) return;
  throw misconfigured(
    `The database has schema version ${version}, and this release knows ${SCHEMA_VERSION}. Update sallyport.`,
  );
}

function statementsOf(step: Migration, { names }: Schema, ddl: Ddl): readonly string[] {
  const { version, worksSince, statements } = step;
  const [columns, values] =
    version === 1 ? ["version", "1"] : ["version, works_since", `${version}, ${worksSince}`];
  return [
    ...statements(names, ddl),
    `insert into ${ddl.quote(names.schema)} (${columns}) values (${values})`,
  ];
}

interface Application {
  readonly db: Kysely<Tables>;
  readonly plan: MigrationPlan;
  readonly statement: string;
}

async function apply({ dialect }: Schema, { db, plan, statement }: Application): Promise<void> {
  const { isAlreadyDone } = dialect.schema;
  try {
    await db.executeQuery(CompiledQuery.raw(statement));
  } catch (error) {
    // Left by our own killed migration. In an empty database it is a foreign table.
    const leftBehind = plan.from !== null && isAlreadyDone?.(error) === true;
    if (!leftBehind) throw error;
  }
}
