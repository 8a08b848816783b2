import { CompiledQuery, type QueryResult } from "kysely";
import { misuse } from "../shared/store-gate.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/**
 * A statement that another library has compiled: of Drizzle (`toSQL()`), of Knex (`toSQL().toNative()`), or of TypeORM
 * (`getQueryAndParameters()`).
 */
export type CompiledStatement =
  | {
      readonly sql: string;
      readonly params?: readonly unknown[] | undefined;
      readonly bindings?: readonly unknown[] | undefined;
    }
  | readonly [sql: string, params?: readonly unknown[]];

export interface StatementResult {
  /** The rows of SELECT or RETURNING, as the driver gives them. */
  readonly rows: readonly unknown[];
  /** How many rows INSERT, UPDATE or DELETE touched. 0 for SELECT. */
  readonly affected: number;
}

/** A statement that can neither end nor leave the transaction. */
export interface OwnStatement {
  readonly query: CompiledQuery;
  readonly returnsRows: boolean;
}

/** What stays within a transaction on each database. MySQL commits before every other kind, such as CREATE. */
const ALLOWED: readonly string[] = [
  "insert",
  "update",
  "delete",
  "select",
  "with",
  "merge",
  "replace",
  "values",
];
/** Quoted texts and names, texts between dollars, and comments. But MySQL runs what stands in `/*!` and `/*M!`. */
const QUOTED: RegExp =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*(?!M?!)[\s\S]*?\*\//g;

/** Reads a statement of the application, or refuses it. Its text may quote values, so no message repeats it. */
export function readStatement(
  statement: CompiledStatement,
  { placeholder }: Pick<SqlDialect, "placeholder">,
): OwnStatement {
  const { sql, params } = partsOf(statement);
  const bare = sql.replace(QUOTED, " ").trim();
  const [word = ""] = /^[a-z]+/.exec(bare.replace(/^[\s(]+/, "").toLowerCase()) ?? [];
  if (!ALLOWED.includes(word)) {
    throw misuse(`sqlIn: a statement must begin with one of: ${ALLOWED.join(", ").toUpperCase()}.`);
  }
  if (/;\s*\S/.test(bare)) throw misuse("sqlIn: give one statement at a time.");
  if (params.length > 0 && !bare.includes(placeholder)) {
    throw misuse(
      `sqlIn: this database needs placeholders with ${placeholder}; with Knex, use toSQL().toNative().`,
    );
  }
  return { query: CompiledQuery.raw(sql, [...params]), returnsRows: /\breturning\b/i.test(bare) };
}

function partsOf(statement: CompiledStatement): {
  readonly sql: string;
  readonly params: readonly unknown[];
} {
  const [sql, given] = Array.isArray(statement) ? statement : fieldsOf(statement);
  const params = given ?? [];
  if (typeof sql === "string" && Array.isArray(params)) return { sql, params };
  throw misuse(
    "sqlIn: give a compiled statement: { sql, params }, { sql, bindings } or [sql, params]. " +
      "Is a call of toSQL() missing?",
  );
}

function fieldsOf(statement: unknown): readonly [sql: unknown, params: unknown] {
  if (typeof statement !== "object" || statement === null) return [undefined, undefined];
  const { sql, params, bindings } = statement as Readonly<Record<string, unknown>>;
  return [sql, params ?? bindings];
}

/** Not every driver counts the rows of a statement that returns them. */
export function resultOf(
  { rows, numAffectedRows }: QueryResult<unknown>,
  own: OwnStatement,
): StatementResult {
  return { rows, affected: Number(numAffectedRows ?? (own.returnsRows ? rows.length : 0)) };
}
