import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { createDatabase } from "../../support/databases.ts";
import { forgetRedis } from "../../support/redis.ts";
import { connectRedis, REDIS_PACKAGES } from "../../support/redis-clients.ts";
import { hasRedisServer, ownRedisCluster } from "../../support/redis-server.ts";
import { isThere, reachable } from "../../support/required-services.ts";
import type { LimiterRef } from "./limiter-at.ts";

/** Something to count on, for one file of tests. */
export interface LimiterServer {
  /** Of an empty place on it; callable once its `beforeAll` has run. */
  ref(): LimiterRef;
  /** One for each test, so that none counts on. */
  freshPrefix(): string;
  readonly exact: boolean;
  /** Whether several attempts are counted in one call. */
  readonly together: boolean;
}

type Prepare = () => Promise<{
  readonly ref: LimiterRef;
  remove(prefixes: readonly string[]): Promise<void>;
}>;

const REDIS_URL = process.env["REDIS_URL"];
const MISSING_REDIS = "redis: REDIS_URL is not set";
const MISSING_SERVER = "redis: redis-server or redis-cli is not installed";

/** Runs these tests on every server that limiters can share, and on Redis by each of its packages. */
export function describeOnEach(promise: string, tests: (server: LimiterServer) => void): void {
  for (const by of isThere(REDIS_URL, MISSING_REDIS) ? REDIS_PACKAGES : [])
    describeOn(`${promise}, on redis by ${by}`, () => onRedis(by), tests);
  for (const by of isThere(hasRedisServer(), MISSING_SERVER) ? REDIS_PACKAGES : [])
    describeOn(`${promise}, on a redis cluster by ${by}`, () => onCluster(by), tests);
  for (const kind of reachable(["postgres", "mariadb"]))
    describeOn(`${promise}, on ${kind}`, () => onDatabase(kind as "postgres" | "mariadb"), tests);
}

function describeOn(name: string, prepare: Prepare, tests: (server: LimiterServer) => void): void {
  describe(name, () => {
    const prefixes: string[] = [];
    let prepared: Awaited<ReturnType<Prepare>>;
    beforeAll(async () => {
      prepared = await prepare();
    });
    afterAll(() => prepared?.remove(prefixes));
    tests({
      ref: () => prepared.ref,
      freshPrefix: () => {
        const prefix = `test-${randomUUID()}`;
        prefixes.push(prefix);
        return prefix;
      },
      exact: name.includes("redis"),
      together: name.includes("on redis"),
    });
  });
}

async function onRedis(by: (typeof REDIS_PACKAGES)[number]): ReturnType<Prepare> {
  const ref = { kind: "redis", by, urls: [REDIS_URL as string] } as const;
  const remove = async (prefixes: readonly string[]): Promise<void> => {
    const { client, ready, close } = connectRedis(by, ref.urls);
    await ready;
    for (const prefix of prefixes) await forgetRedis(client, prefix);
    close();
  };
  return { ref, remove };
}

async function onCluster(by: (typeof REDIS_PACKAGES)[number]): ReturnType<Prepare> {
  const cluster = await ownRedisCluster();
  return { ref: { kind: "redis", by, urls: cluster.urls }, remove: () => cluster.remove() };
}

async function onDatabase(kind: "postgres" | "mariadb"): ReturnType<Prepare> {
  const database = await createDatabase(kind);
  return { ref: { kind, url: database.ref.url }, remove: () => database.drop() };
}
