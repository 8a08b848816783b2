import type { DatabaseSync, StatementSync } from "node:sqlite";

export const MAX_CACHED_STATEMENTS = 128;

interface CachedStatement {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** Statements by their text. */
export interface StatementCache {
  get(sql: string): CachedStatement;
  readonly size: number;
}

/** Compiles each text once and forgets the least recently used: texts with lists in them are endless. */
export function statementCache(
  db: Pick<DatabaseSync, "prepare">,
  limit: number = MAX_CACHED_STATEMENTS,
): StatementCache {
  const statements = new Map<string, CachedStatement>();
  return Object.freeze<StatementCache>({
    get: (sql) => {
      const known = statements.get(sql);
      const found = known ?? compile(db, sql);
      if (known) statements.delete(sql);
      statements.set(sql, found);
      if (statements.size > limit) statements.delete(statements.keys().next().value as string);
      return found;
    },
    get size() {
      return statements.size;
    },
  });
}

function compile(db: Pick<DatabaseSync, "prepare">, sql: string): CachedStatement {
  const statement = db.prepare(sql);
  return { statement, returnsRows: statement.columns().length > 0 };
}
