import { CompiledQuery, type Kysely } from "kysely";
import { AuthError } from "../../errors.ts";
import { MIGRATIONS, type Migration, schemaTable } from "./migrations.ts";
import type { Schema } from "./sql-dialect.ts";
import type { Tables } from "./tables.ts";

/**
 * Brings the tables to this version, all steps in one transaction. Safe to start in many processes at
 * once: the first one works, the others wait for it and then find nothing to do.
 */
export async function migrate(schema: Schema): Promise<void> {
  // A look without the write lock: most starts find everything in place.
  if (pending(await schemaVersion(schema, schema.db)).length === 0) return;
  await schema.db.transaction().execute(async (trx) => {
    const version = await schemaVersion(schema, trx);
    const statements = [
      ...(version === null ? [schemaTable(schema.names, schema.dialect)] : []),
      ...pending(version).flatMap((migration) => stepsOf(schema, migration)),
    ];
    for (const statement of statements) await trx.executeQuery(CompiledQuery.raw(statement));
  });
}

/** Null: there is no schema yet. */
async function schemaVersion({ names, dialect }: Schema, db: Kysely<Tables>): Promise<number | null> {
  if (!(await dialect.hasTable(db, names.schema))) return null;
  const newest = db.selectFrom(names.schema).select("version").orderBy("version", "desc").limit(1);
  return (await newest.executeTakeFirst())?.version ?? 0;
}

function pending(version: number | null): readonly Migration[] {
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  if (version !== null && version > known) {
    throw new AuthError("invalid_configuration", {
      message: `The database has schema version ${version}; this release knows ${known}. Update sallyport.`,
    });
  }
  return MIGRATIONS.filter((migration) => migration.version > (version ?? 0));
}

function stepsOf({ names, dialect }: Schema, { version, statements }: Migration): readonly string[] {
  return [...statements(names, dialect), `insert into ${names.schema} (version) values (${version})`];
}
