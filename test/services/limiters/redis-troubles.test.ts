// G4, G7: what else can happen to a Redis, and to the counters on it.

import { hash } from "node:crypto";
import { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { RateLimiter } from "../../../src/ports/rate-limiter.ts";
import { times } from "../../support/harness.ts";
import { rewindRedis } from "../../support/redis.ts";
import { type ConnectedRedis, connectRedis, REDIS_PACKAGES } from "../../support/redis-clients.ts";
import { hasRedisServer, type OwnRedis, ownRedis } from "../../support/redis-server.ts";
import { isThere } from "../../support/required-services.ts";

const here = isThere(hasRedisServer(), "redis: redis-server or redis-cli is not installed");
const MINUTE = 60_000;
const HOUR = 3_600_000;
const rule = { points: 5, windowMs: MINUTE };

describe.runIf(here)("a redis in trouble", () => {
  let server: OwnRedis;
  let prefixes = 0;
  beforeAll(async () => {
    server = await ownRedis();
    await server.start();
  });
  afterAll(() => server?.remove());

  describe.for(REDIS_PACKAGES)("by %s", (by) => {
    let redis: ConnectedRedis;
    beforeAll(async () => {
      redis = connectRedis(by, [server.url]);
      await redis.ready;
    });
    afterAll(() => redis?.close());

    interface Subject {
      readonly limiter: RateLimiter;
      readonly keyPrefix: string;
      /** How many of so many attempts pass. */
      passing(attempts: number): Promise<number>;
    }
    const limiterOn = (storeClient: unknown = redis.client): Subject => {
      const keyPrefix = `trouble-${++prefixes}`;
      const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient, keyPrefix });
      const passing = async (attempts: number): Promise<number> => {
        const verdicts = await Promise.all(times(attempts, () => limiter.consume("key", rule)));
        return verdicts.filter(({ allowed }) => allowed).length;
      };
      return { limiter, keyPrefix, passing };
    };

    test("scripts that are flushed are sent anew, and the counters stay", async () => {
      const { passing } = limiterOn();
      expect(await passing(3)).toBe(3);
      server.cli("script", "flush");
      expect(await passing(10)).toBe(2);
    });

    test("a replica that takes no writes lets nobody pass, and counts on as soon as it is the master", async () => {
      const { limiter, passing } = limiterOn();
      expect(await passing(3)).toBe(3);
      server.cli("replicaof", "127.0.0.1", "1");
      onTestFinished(() => void server.cli("replicaof", "no", "one"));
      await expect(limiter.consume("key", rule)).rejects.toThrow(/READONLY/);
      await expect(limiter.refund("key", rule)).rejects.toThrow(/READONLY/);
      server.cli("replicaof", "no", "one");
      expect(await passing(10)).toBe(2);
    });

    test("a full memory lets nobody pass, and what was counted before stays counted", async () => {
      const { limiter, passing } = limiterOn();
      expect(await passing(3)).toBe(3);
      server.cli("config", "set", "maxmemory", "1");
      onTestFinished(() => void server.cli("config", "set", "maxmemory", "0"));
      await expect(limiter.consume("key", rule)).rejects.toThrow(/OOM/);
      await expect(limiter.consume("another", rule)).rejects.toThrow(/OOM/);
      await expect(limiter.refund("key", rule)).rejects.toThrow(/OOM/);
      server.cli("config", "set", "maxmemory", "0");
      expect(await passing(10)).toBe(2);
    });

    test("somebody else's value in a counter's place lets nobody pass there, and harms no other key", async () => {
      const { limiter, keyPrefix } = limiterOn();
      server.cli("set", `${keyPrefix}:5/60s:${hash("sha256", "key")}`, "1");
      await expect(limiter.consume("key", rule)).rejects.toThrow(/WRONGTYPE/);
      await expect(limiter.refund("key", rule)).rejects.toThrow(/WRONGTYPE/);
      expect((await limiter.consume("another", rule)).count).toBe(1);
    });

    test("while somebody's script does not end nobody passes, and nobody waits for it", async () => {
      const { limiter } = limiterOn();
      server.cli("config", "set", "busy-reply-threshold", "1");
      const other = connectRedis("ioredis", [server.url]);
      await other.ready;
      const endless = (other.client as Redis).eval("while true do end", 0).catch(({ message }) => message);
      while (!server.cli("ping").includes("BUSY"));
      await expect(limiter.consume("key", rule)).rejects.toThrow(/BUSY/);
      server.cli("script", "kill");
      expect(await endless).toContain("killed");
      other.close();
      expect((await limiter.consume("key", rule)).allowed).toBe(true);
    });

    test("a clock that steps back lets nobody pass again, and keeps nobody out for longer than a window", async () => {
      const { passing, limiter, keyPrefix } = limiterOn();
      expect(await passing(10)).toBe(5);
      await rewindRedis(redis.client, keyPrefix, -HOUR);
      const refused = await limiter.consume("key", rule);
      expect(refused.allowed).toBe(false);
      expect(refused.resetMs).toBeLessThanOrEqual(MINUTE);
      await rewindRedis(redis.client, keyPrefix, MINUTE);
      expect(await passing(10)).toBe(5);
    });

    test.for(["first", "last"])(
      "the application's own limiter on the same client keeps its rules, made %s",
      async (order) => {
        const ownLimiter = (): RateLimiterRedis =>
          new RateLimiterRedis({
            storeClient: redis.client,
            useRedisPackage: by === "redis",
            keyPrefix: `own-${++prefixes}`,
            points: 3,
            duration: 60,
          });
        const before = order === "first" ? ownLimiter() : undefined;
        const { passing } = limiterOn();
        const own = before ?? ownLimiter();
        const ends = await Promise.all([
          passing(10),
          ...times(10, () =>
            own.consume("key").then(
              () => "passed",
              ({ consumedPoints }) => consumedPoints,
            ),
          ),
        ]);
        expect(ends).toEqual([5, "passed", "passed", "passed", 4, 5, 6, 7, 8, 9, 10]);
      },
    );
  });

  test("counts and times are numbers, whatever a client is told to make of them", async () => {
    const io = new Redis(server.url, {
      stringNumbers: true,
      enableAutoPipelining: true,
      keyPrefix: "tenant:",
    });
    const node = createClient({ url: server.url }).withTypeMapping({ 58: String }); // RESP's integers
    await node.connect();
    for (const storeClient of [io, node]) {
      const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient, keyPrefix: `told-${++prefixes}` });
      const verdicts = await Promise.all(times(8, () => limiter.consume("key", rule)));
      expect(verdicts.map(({ count }) => count)).toEqual(times(8, (index) => index + 1));
      expect(verdicts.every(({ resetMs }) => resetMs > MINUTE - 5000 && resetMs <= MINUTE)).toBe(true);
    }
    io.disconnect();
    node.destroy();
  });
});
