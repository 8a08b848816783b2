import type { Ddl } from "./sql-dialect.ts";

/** A table that a migration adds. */
export interface NewTable {
  readonly name: string;
  /** Columns by which it is told from a foreign table of the same name. */
  readonly columns: readonly string[];
}

/** An index belongs to its table's schema: its own name has no schema. */
export function indexName(table: string, suffix: string, quote: Ddl["quote"]): string {
  return quote(`${table.split(".").at(-1)}_${suffix}`);
}

interface NewIndex {
  readonly table: string;
  readonly suffix: string;
  readonly columns: string;
}

export function createIndex({ table, suffix, columns }: NewIndex, quote: Ddl["quote"]): string {
  return `create index ${indexName(table, suffix, quote)} on ${quote(table)} (${columns})`;
}
