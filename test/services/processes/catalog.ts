import { sql } from "kysely";
import type { AnyKysely } from "../../support/databases.ts";
import type { DatabaseKind } from "../../support/services.ts";

/** Everything that a database says of its tables, in a fixed order: two equal ones compare equal. */
export async function catalogOf(kind: DatabaseKind, db: AnyKysely): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const query of QUERIES[kind]) found.push(...(await query.execute(db)).rows);
  return found;
}

const POSTGRES = [
  sql`select table_schema, table_name, ordinal_position, column_name, data_type, is_nullable, column_default,
      collation_name from information_schema.columns
    where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, 3`,
  sql`select schemaname, indexdef from pg_indexes
    where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`,
  sql`select conrelid::regclass::text as on_table, conname, pg_get_constraintdef(oid) as definition
    from pg_constraint where conrelid <> 0 and connamespace::regnamespace::text not in
      ('pg_catalog', 'information_schema') order by 1, 2`,
];

const MARIADB = [
  sql`select table_name, ordinal_position, column_name, column_type, is_nullable, column_default,
      collation_name, column_key from information_schema.columns where table_schema = database() order by 1, 2`,
  sql`select table_name, index_name, seq_in_index, column_name, non_unique from information_schema.statistics
    where table_schema = database() order by 1, 2, 3`,
  sql`select table_name, constraint_name, referenced_table_name, delete_rule
    from information_schema.referential_constraints where constraint_schema = database() order by 1, 2`,
  sql`select table_name, engine, table_collation from information_schema.tables
    where table_schema = database() order by 1`,
];

const SQLITE = [
  sql`select m.name as table_name, c.* from sqlite_master m, pragma_table_xinfo(m.name) c
    where m.type = 'table' order by 1, 2`,
  sql`select m.name as table_name, i.*, c.* from sqlite_master m, pragma_index_list(m.name) i,
    pragma_index_xinfo(i.name) c where m.type = 'table' order by 1, i.name, c.seqno`,
  sql`select m.name as table_name, f.* from sqlite_master m, pragma_foreign_key_list(m.name) f
    where m.type = 'table' order by 1, 2, 3`,
  sql`select type, name, sql from sqlite_master order by 1, 2`,
];

const QUERIES = {
  postgres: POSTGRES,
  pglite: POSTGRES,
  mariadb: MARIADB,
  "node-sqlite": SQLITE,
  "better-sqlite3": SQLITE,
} as const;
