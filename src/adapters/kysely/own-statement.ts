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
/** Texts and names in quotes, and comments, as every database reads them. */
const QUOTED: RegExp = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * Such a part ends elsewhere for one database than for another, or by a setting: a backslash in quotes, a comment of MySQL
 * without its space, a comment of PostgreSQL that ends at a carriage return or contains another. MySQL and MariaDB run
 * what stands in the comments that begin with an exclamation mark.
 */
const UNCLEAR_PART = /^['"][\s\S]*\\|^--(?!\s|$)|^--[\s\S]*\r(?!$)|^\/\*(?:M?!|[\s\S]+\/\*)/;

/** Quotes and comments that never end, and texts between dollars. */
const UNCLEAR = /['"`]|\/\*|\$[\w\u0080-\uffff]*\$/;

type Reading = Pick<SqlDialect, "placeholder" | "ownQuotes">;

/** Reads a statement of the application, or refuses it. Its text may quote values, so no message repeats it. */
export function readStatement(
  statement: CompiledStatement,
  { placeholder, ownQuotes }: Reading,
): OwnStatement {
  const { sql, params } = partsOf(statement);
  const bare = withoutQuoted(sql, ownQuotes);
  const [word = ""] = /^[a-z]+/.exec(bare.replace(/^[\s(]+/, "").toLowerCase()) ?? [];
  if (!ALLOWED.includes(word)) {
    throw misuse(`sqlIn: a statement must begin with one of: ${ALLOWED.join(", ").toUpperCase()}.`);
  }
  if (/;\s*\S/.test(bare)) throw misuse("sqlIn: give one statement at a time.");
  if (/\bor\s+rollback\b/i.test(bare)) throw misuse("sqlIn: OR ROLLBACK would end the transaction.");
  if (params.length > 0 && !bare.includes(placeholder)) {
    throw misuse(
      `sqlIn: this database needs placeholders with ${placeholder}; with Knex, use toSQL().toNative().`,
    );
  }
  return { query: CompiledQuery.raw(sql, [...params]), returnsRows: /\breturning\b/i.test(bare) };
}

/**
 * The text without quoted parts and comments. It reads from the left as the database does, up to the first thing that
 * another database reads differently: that refuses the statement, so the reading is never a guess.
 */
function withoutQuoted(sql: string, ownQuotes: Reading["ownQuotes"]): string {
  const isClear = [...sql.matchAll(QUOTED)].every(([part]) => !UNCLEAR_PART.test(part));
  const bare = sql.replace(QUOTED, " ").trim();
  if (isClear && !UNCLEAR.test(bare) && !ownQuotes?.test(bare)) return bare;
  throw misuse(
    "sqlIn: databases read this text in different ways: give values as parameters, without backslashes in quotes, " +
      "texts between dollars, names in brackets, nested or special comments; a comment needs a space after its --.",
  );
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
