import type { TableOptions } from "../adapters/kysely/open-database.ts";
import { tableNames } from "../adapters/kysely/tables.ts";
import { isAuthError } from "../errors.ts";
import { misused, type Surroundings } from "./command.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "./database-url.ts";
import type { Flags, FlagTable } from "./flags.ts";

export interface DatabaseFlags {
  readonly target: DatabaseTarget;
  readonly tables: TableOptions;
}

export const DATABASE_FLAGS: FlagTable = Object.freeze({ url: "text", schema: "text", prefix: "text" });

export const DATABASE_USAGE = `  --url URL        postgres://, postgresql://, mysql://, mariadb:// or sqlite:path.
                   Default: the environment variable DATABASE_URL. Prefer it
                   when the URL has a password: ps shows arguments.
  --schema NAME    The schema (PostgreSQL) or database (MySQL) of the tables.
  --prefix TEXT    The prefix of the tables' names; default auth_.
`;

export function readDatabaseFlags(flags: Flags, { env }: Surroundings): DatabaseFlags {
  const url = flags.text("url") ?? env?.["DATABASE_URL"];
  if (!url) throw misused("which database? Give --url, or set DATABASE_URL");
  const target = parseDatabaseUrl(url);
  const tables = { schema: flags.text("schema"), tablePrefix: flags.text("prefix") };
  if (target.kind === "sqlite" && tables.schema !== undefined) {
    throw misused("--schema is not for SQLite, which has no schemas; use --prefix");
  }
  assertNames(tables);
  return { target, tables };
}

function assertNames(tables: TableOptions): void {
  try {
    tableNames(tables);
  } catch (error) {
    if (!isAuthError(error)) throw error;
    throw misused(
      error.message
        .replace(/^tablePrefix/, "--prefix")
        .replace(/^schema/, "--schema")
        .replace(/\.$/, ""),
    );
  }
}
