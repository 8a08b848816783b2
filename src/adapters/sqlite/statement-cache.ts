import type { DatabaseSync, StatementSync } from "node:sqlite";
import { boundedCache } from "../../lib/bounded-cache.ts";

export const MAX_CACHED_STATEMENTS = 128;

interface CachedStatement {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** Compiles each text once. The cache is bounded: texts with lists in them are endless. */
export function statementCache(db: Pick<DatabaseSync, "prepare">): (sql: string) => CachedStatement {
  const statements = boundedCache<CachedStatement>(MAX_CACHED_STATEMENTS);
  return (sql) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    const compiled = { statement, returnsRows: statement.columns().length > 0 };
    statements.set(sql, compiled);
    return compiled;
  };
}
