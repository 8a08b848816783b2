import { createHash } from "node:crypto";
import { type Dialect, Kysely, PostgresDialect } from "kysely";
import { type Client, Pool } from "pg";
import type { AuthStore } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import type { Row } from "./report.ts";
import { SERVERS, withDatabase } from "./scale/server.ts";

/** One database, and two pools with the same settings. */
export interface Pools {
  /** As an application makes it: the server parses and plans a statement each time. */
  readonly plain: Pool;
  /** Once on each connection, by its name. */
  readonly naming: Pool;
}

/** The rows of `work` on a migrated database, which is gone afterwards; none where there is no server. */
export async function withPostgres(
  group: string,
  work: (pools: Pools) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const server = SERVERS.find(({ name }) => name === "postgres");
  if (!server || !process.env[server.variable]) {
    console.error(`${group}, on PostgreSQL: not measured, POSTGRES_URL is not set.`);
    return [];
  }
  return withDatabase(server, async ({ url }) => {
    const pools = { plain: poolOf(url), naming: namingStatements(poolOf(url)) };
    try {
      await migrate(new Kysely({ dialect: dialectOn(pools.plain) }));
      return await work(pools);
    } finally {
      await Promise.all([pools.plain.end(), pools.naming.end()]);
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

export function storeOn(pool: Pool): AuthStore {
  return kyselyStore(new Kysely({ dialect: dialectOn(pool) }));
}

export function dialectOn(pool: Pool): Dialect {
  return new PostgresDialect({ pool });
}

export function poolOf(connectionString: string): Pool {
  return new Pool({ connectionString, max: 10 }).on("error", () => {});
}

type Query = (...args: unknown[]) => unknown;

const MAX_NAMES = 200;

/** What an application may do whose pool reaches the server itself; docs/storage.md says when. */
export function namingStatements(pool: Pool): Pool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    if (!names.has(text) && names.size < MAX_NAMES)
      names.set(text, createHash("sha256").update(text).digest("base64url"));
    return names.get(text);
  };
  return pool.on("connect", (client: Client) => {
    const query = client.query.bind(client) as Query;
    const named: Query = (text, values, ...rest) =>
      typeof text === "string" && Array.isArray(values) && values.length > 0
        ? query({ name: nameOf(text), text, values }, ...rest)
        : query(text, values, ...rest);
    client.query = named as Client["query"];
  });
}
