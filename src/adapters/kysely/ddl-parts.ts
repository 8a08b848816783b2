import type { Ddl } from "./sql-dialect.ts";

/** A table that a migration adds. */
export interface NewTable {
  readonly name: string;
  /** Columns by which it is told from a foreign table of the same name. */
  readonly columns: readonly string[];
}

/** An index belongs to its table's schema: its own name has no schema. */
export function indexName(table: string, suffix: string, { quote }: Ddl): string {
  return quote(`${table.split(".").at(-1)}_${suffix}`);
}
