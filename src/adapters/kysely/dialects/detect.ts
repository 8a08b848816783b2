import type { Kysely } from "kysely";
import { misconfigured } from "../../../errors.ts";
import type { SqlDialect } from "../sql-dialect.ts";
import type { Tables } from "../tables.ts";
import { mysqlDialect } from "./mysql.ts";
import { postgresDialect } from "./postgres.ts";
import { sqliteDialect } from "./sqlite.ts";

/** Which SQL a Kysely speaks, by what it writes: dialects of other packages have classes of their own. */
export function dialectOf(db: Kysely<Tables>): SqlDialect {
  const { sql } = db.selectFrom("auth_users").select("id").where("epoch", "=", 0).compile();
  if (sql.includes("`")) return mysqlDialect;
  if (sql.includes('"') && sql.endsWith("$1")) return postgresDialect;
  if (sql.includes('"') && sql.endsWith("?")) return sqliteDialect;
  throw misconfigured(
    "kyselyStore knows PostgreSQL, MySQL/MariaDB and SQLite; this Kysely speaks something else.",
  );
}
