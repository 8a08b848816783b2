import { type Kysely, sql } from "kysely";
import type { Tables } from "../../src/adapters/kysely/tables.ts";
import { TABLES } from "./seed.ts";
import type { ScratchDatabase, Server } from "./server.ts";

/** Of a freshly filled table. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly rowBytes: number;
  readonly indexBytes: number;
}

/** On PostgreSQL a table's own key is an index beside it; on MariaDB the rows are in it. */
export async function tableSizes(server: Server, { db }: ScratchDatabase): Promise<readonly TableSize[]> {
  const sizes: TableSize[] = [];
  for (const table of TABLES) sizes.push(await sizeOf(server, db, table));
  return sizes;
}

async function sizeOf(server: Server, db: Kysely<Tables>, table: keyof Tables): Promise<TableSize> {
  const [size] = (await SIZES[server.name](table).execute(db)).rows;
  const { count } = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as("count"))
    .executeTakeFirstOrThrow();
  return { table, rows: Number(count), rowBytes: Number(size?.own), indexBytes: Number(size?.indexes) };
}

interface Size {
  readonly own: unknown;
  readonly indexes: unknown;
}

const SIZES = {
  postgres: (table: string) =>
    sql<Size>`select pg_table_size(${table}) as own, pg_indexes_size(${table}) as indexes`,
  mariadb: (table: string) =>
    sql<Size>`select data_length as own, index_length as indexes from information_schema.tables
      where table_schema = database() and table_name = ${table}`,
} as const;
