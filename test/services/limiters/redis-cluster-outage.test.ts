// G4, G7: a cluster is not its masters' sum: one that is away must not give its keys new points.
import { setTimeout as pause } from "node:timers/promises";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { expect, onTestFinished, test } from "vitest";
import { codeOf, times } from "../../support/harness.ts";
import { connectRedis, REDIS_PACKAGES } from "../../support/redis-clients.ts";
import { hasRedisServer, ownRedisCluster } from "../../support/redis-server.ts";
import { isThere } from "../../support/required-services.ts";

const here = isThere(hasRedisServer(), "redis: redis-server or redis-cli is not installed");
const rule = { points: 5, windowMs: 3_600_000 };
const KEYS = times(30, (index) => `key ${index}`);

test.runIf(here).concurrent.for(REDIS_PACKAGES)(
  "a redis cluster that loses a master gives no key new points, and counts on when it is back, by %s",
  async (by) => {
    const cluster = await ownRedisCluster();
    onTestFinished(() => cluster.remove());
    const { client, ready, close } = connectRedis(by, cluster.urls);
    onTestFinished(close);
    await ready;
    const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient: client });
    const passed = new Map(KEYS.map((key) => [key, 0]));
    /** Three attempts at each key; the codes of what failed. */
    const offer = async (): Promise<readonly string[]> => {
      const attempts = [...KEYS, ...KEYS, ...KEYS].map(async (key) => {
        const { allowed } = await limiter.consume(key, rule);
        if (allowed) passed.set(key, (passed.get(key) ?? 0) + 1);
      });
      return (await Promise.all(attempts.map(codeOf))).filter((code) => code !== "fulfilled");
    };

    expect(await offer()).toEqual([]);
    await cluster.nodes[0]?.kill();
    expect((await offer()).length).toBeGreaterThan(0);
    await cluster.nodes[0]?.start();
    while ((await offer()).length > 0) await pause(100);
    // Not each of them: what was answered too late has been counted all the same.
    expect(Math.max(...passed.values())).toBe(rule.points);
  },
);
