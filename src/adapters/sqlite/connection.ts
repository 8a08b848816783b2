import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { retryWhileBusy } from "./busy-retry.ts";
import { statementCache } from "./statement-cache.ts";

/** The one connection to a file, and the statements that frame a transaction. */
export interface NodeSqliteConnection extends DatabaseConnection {
  begin(): Promise<void>;
  commit(): void;
  rollback(): void;
  close(): void;
}

export function nodeSqliteConnection(db: DatabaseSync): NodeSqliteConnection {
  const statementOf = statementCache(db);
  const run = (sql: string): void => {
    statementOf(sql).statement.run();
  };
  const execute = <Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> => {
    const { statement, returnsRows } = statementOf(sql);
    const values = parameters.map(encode);
    if (returnsRows) return { rows: statement.all(...values) as Row[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
  };
  const executeQuery = async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => {
    // Inside a transaction a statement is not repeated: only the whole transaction can run again.
    return db.isTransaction ? execute<Row>(query) : retryWhileBusy(() => execute<Row>(query));
  };
  return {
    executeQuery,
    async *streamQuery<Row>(query: CompiledQuery) {
      yield await executeQuery<Row>(query);
    },
    // IMMEDIATE takes the write lock first: a write after a read cannot be refused later.
    begin: () => retryWhileBusy(() => run("begin immediate")),
    commit: () => run("commit"),
    rollback: () => {
      // SQLite itself rolls back on some errors (disk full). A second rollback would hide the first error.
      if (db.isTransaction) run("rollback");
    },
    close: () => db.close(),
  };
}

/** SQLite has neither booleans nor dates, and Node refuses to bind them. */
function encode(value: unknown): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Date ? value.getTime() : (value as SQLInputValue);
}
