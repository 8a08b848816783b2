import type { Kysely } from "kysely";
import { misconfigured } from "../../../errors.ts";
import type { SqlDialect } from "../sql-dialect.ts";
import type { Tables } from "../tables.ts";
import { mysqlDialect } from "./mysql.ts";
import { postgresDialect } from "./postgres.ts";
import { sqliteDialect } from "./sqlite.ts";

/** Finds the SQL of a Kysely by a query that it writes: dialects of other packages have their own classes. */
export function dialectOf(db: Kysely<Tables>): SqlDialect {
  const { sql } = db.selectFrom("auth_users").select("id").where("epoch", "=", 0).compile();
  if (sql.includes("`")) return mysqlDialect;
  if (sql.includes('"') && sql.endsWith("$1")) return postgresDialect;
  if (sql.includes('"') && sql.endsWith("?")) return sqliteDialect;
  throw misconfigured(
    "kyselyStore supports PostgreSQL, MySQL/MariaDB and SQLite; this Kysely has another dialect.",
  );
}
