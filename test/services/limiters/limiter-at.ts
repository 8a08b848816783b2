import { createPool } from "mysql2";
import { Pool } from "pg";
import { RateLimiterMySQL, RateLimiterPostgres, RateLimiterRedis } from "rate-limiter-flexible";
import { type FlexibleRateLimiterOptions, flexibleRateLimiter } from "sallyport/rate-limiter";
import type { RateLimiter } from "../../../src/ports/rate-limiter.ts";
import { rewindRedis } from "../../support/redis.ts";
import { connectRedis, type RedisPackage } from "../../support/redis-clients.ts";

/** Which limiter to use on which server: fit to be sent to another process. */
export type LimiterRef =
  | { readonly kind: "postgres" | "mariadb"; readonly url: string }
  /** Several URLs: the nodes of a cluster. */
  | { readonly kind: "redis"; readonly by: RedisPackage; readonly urls: readonly string[] };

export interface OpenLimiters {
  /** As many calls reach the server at once. More would wait here, where the bound of a call runs on. */
  readonly atOnce: number;
  /** Another limiter on the same client. Without options it waits as long as a limiter can. */
  make(keyPrefix: string, options?: FlexibleRateLimiterOptions): RateLimiter;
  /** Lets time pass for the counters under this prefix. */
  advance(keyPrefix: string, ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The most that a limiter waits for an answer: tests of counting are about counting, also on a slow machine. */
const PATIENT: FlexibleRateLimiterOptions = { timeoutMs: 1500 };
const TABLE = "limits";
const CONNECTIONS = 10;

export async function openLimiters(ref: LimiterRef): Promise<OpenLimiters> {
  if (ref.kind === "redis") return onRedis(ref.by, ref.urls);
  return ref.kind === "postgres" ? onPostgres(ref.url) : onMariadb(ref.url);
}

async function onRedis(by: RedisPackage, urls: readonly string[]): Promise<OpenLimiters> {
  const { client, ready, close } = connectRedis(by, urls);
  await ready;
  return {
    atOnce: Number.POSITIVE_INFINITY,
    make: (keyPrefix, options = PATIENT) =>
      flexibleRateLimiter(RateLimiterRedis, { storeClient: client, keyPrefix }, options),
    advance: (keyPrefix, ms) => rewindRedis(client, keyPrefix, ms),
    close: async () => close(),
  };
}

function onPostgres(url: string): OpenLimiters {
  const storeClient = new Pool({ connectionString: url, max: CONNECTIONS });
  // Whoever lends a pool has to listen: a server that goes away is an error of its idle connections.
  storeClient.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  return {
    atOnce: CONNECTIONS,
    make: (keyPrefix, options = PATIENT) =>
      flexibleRateLimiter(RateLimiterPostgres, { storeClient, keyPrefix, tableName: TABLE }, options),
    advance: async (keyPrefix, ms) => {
      const rewind = `update ${TABLE} set expire = expire - $1 where key like $2`;
      await storeClient.query(rewind, [ms, `${keyPrefix}:%`]);
    },
    close: () => storeClient.end(),
  };
}

function onMariadb(url: string): OpenLimiters {
  const storeClient = createPool({ uri: url, connectionLimit: CONNECTIONS });
  const dbName = new URL(url).pathname.slice(1);
  return {
    atOnce: CONNECTIONS,
    make: (keyPrefix, options = PATIENT) =>
      flexibleRateLimiter(RateLimiterMySQL, { storeClient, keyPrefix, dbName, tableName: TABLE }, options),
    advance: async (keyPrefix, ms) => {
      const rewind = `update ${TABLE} set expire = expire - ? where \`key\` like ?`;
      await storeClient.promise().query(rewind, [ms, `${keyPrefix}:%`]);
    },
    close: () => storeClient.promise().end(),
  };
}
