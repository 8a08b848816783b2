import { type Dialect, Kysely, PostgresDialect, type PostgresPool } from "kysely";
import { Pool } from "pg";
import type { AuthStore } from "sallyport";
import { kyselyStore, migrate, namedStatements } from "sallyport/kysely";
import type { Row } from "./report.ts";
import { SERVERS, withDatabase } from "./scale/server.ts";

/** One database, and one pool in two forms. */
export interface Pools {
  /** As an application makes it: the server parses and plans a statement each time. */
  readonly plain: Pool;
  /** Once on each connection, by its name. */
  readonly naming: PostgresPool;
}

/** The rows of `work` on a migrated database, which is gone afterwards; none where there is no server. */
export function withPostgres(
  group: string,
  work: (pools: Pools) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  return withEmptyPostgres(group, 1, async ([url = ""]) => {
    const plain = poolOf(url);
    try {
      await migrate(new Kysely({ dialect: dialectOn(plain) }));
      return await work({ plain, naming: namedStatements(plain) });
    } finally {
      await plain.end();
    }
  });
}

/** Runs with the URLs of so many empty databases, which are gone afterwards; without rows where there is no server. */
export async function withEmptyPostgres(
  group: string,
  count: number,
  work: (urls: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const server = SERVERS.find(({ name }) => name === "postgres");
  if (!server || !process.env[server.variable]) {
    console.error(`${group}, on PostgreSQL: not measured, POSTGRES_URL is not set.`);
    return [];
  }
  const withMore = (urls: readonly string[]): Promise<readonly Row[]> =>
    urls.length === count ? work(urls) : withDatabase(server, ({ url }) => withMore([...urls, url]));
  return withMore([]);
}

export function storeOn(pool: PostgresPool): AuthStore {
  return kyselyStore(new Kysely({ dialect: dialectOn(pool) }));
}

export function dialectOn(pool: PostgresPool): Dialect {
  return new PostgresDialect({ pool });
}

export function poolOf(connectionString: string): Pool {
  return new Pool({ connectionString, max: 10 }).on("error", () => {});
}
