// G4, G7: several attempts in one call of Redis count as they do one at a time, whatever happens to the call.
import { setTimeout as pause } from "node:timers/promises";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { RateAttempt, RateLimiter } from "../../../src/ports/rate-limiter.ts";
import { times } from "../../support/harness.ts";
import { type ConnectedRedis, connectRedis, REDIS_PACKAGES } from "../../support/redis-clients.ts";
import { hasRedisServer, type OwnRedis, ownRedis, ownRedisCluster } from "../../support/redis-server.ts";
import { isThere } from "../../support/required-services.ts";
import { whenTogether } from "../../support/when-together.ts";

const here = isThere(hasRedisServer(), "redis: redis-server or redis-cli is not installed");
const rule = { points: 5, windowMs: 3_600_000 };

function attemptsAt(...keys: readonly string[]): readonly RateAttempt[] {
  return keys.map((key) => ({ key, rule }));
}

/** How often each key has been counted, with this time. */
async function countsOf(limiter: RateLimiter, ...keys: readonly string[]): Promise<readonly number[]> {
  return Promise.all(keys.map(async (key) => (await limiter.consume(key, rule)).count));
}

describe.runIf(here)("on one server", () => {
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

    const subject = async () => {
      const keyPrefix = `together-${by}-${++prefixes}`;
      const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient: redis.client, keyPrefix });
      await whenTogether(limiter);
      return { limiter: limiter as Required<RateLimiter>, keyPrefix };
    };

    test("they take one command of Redis", async () => {
      const { limiter } = await subject();
      const commands = () => Number(/total_commands_processed:(\d+)/.exec(server.cli("info", "stats"))?.[1]);
      await limiter.consumeAll(attemptsAt("a", "b", "c", "d"));
      const [before, idle] = [commands(), commands()];
      await limiter.consumeAll(attemptsAt("a", "b", "c", "d"));
      const ownCommands = commands() - idle - (idle - before);
      // The script, and what it calls: the time, then three commands for each key.
      expect(ownCommands).toBe(1 + 1 + 4 * 3);
    });

    test("scripts that are flushed are sent anew, and the counters stay", async () => {
      const { limiter } = await subject();
      await limiter.consumeAll(attemptsAt("a", "b"));
      server.cli("script", "flush");
      expect(await limiter.consumeAll(attemptsAt("a", "b"))).toMatchObject([{ count: 2 }, { count: 2 }]);
    });

    test("a key that cannot be counted fails in its turn: what was counted before it is told", async () => {
      const { limiter, keyPrefix } = await subject();
      await limiter.consume("poisoned", rule);
      const poisoned = server.cli("keys", `${keyPrefix}:5/3600s:*`).trim();
      server.cli("set", poisoned, "1");
      const verdicts = await limiter.consumeAll(attemptsAt("a", "b", "poisoned", "later"));
      expect(verdicts).toMatchObject([
        { allowed: true, count: 1 },
        { allowed: true, count: 1 },
      ]);
      await expect(limiter.consumeAll(attemptsAt("poisoned", "later"))).rejects.toThrow(/WRONGTYPE/);
      expect(await countsOf(limiter, "a", "b", "later")).toEqual([2, 2, 1]);
      await whenTogether(limiter);
    });

    test.for([
      ["a replica", /READONLY/, ["replicaof", "127.0.0.1", "1"], ["replicaof", "no", "one"]],
      ["a full memory", /OOM/, ["config", "set", "maxmemory", "1"], ["config", "set", "maxmemory", "0"]],
    ] as const)("%s lets nobody pass, and counts none of them", async ([, message, breaks, mends]) => {
      const { limiter } = await subject();
      await limiter.consumeAll(attemptsAt("a", "b"));
      server.cli(...breaks);
      onTestFinished(() => void server.cli(...mends));
      await expect(limiter.consumeAll(attemptsAt("a", "b"))).rejects.toThrow(message);
      server.cli(...mends);
      expect(await countsOf(limiter, "a", "b")).toEqual([2, 2]);
      await whenTogether(limiter);
    });

    test("a limiter that looks at its connection first counts one at a time", () => {
      const options = { storeClient: redis.client, rejectIfRedisNotReady: true };
      expect(flexibleRateLimiter(RateLimiterRedis, options).consumeAll).toBeUndefined();
    });
  });

  test("a proxy that chooses a server by the first key gives no account more points", async () => {
    const servers = await Promise.all(
      [1, 2].map((database) => createClient({ url: server.url, database }).connect()),
    );
    onTestFinished(() => void servers.map((client) => client.destroy()));
    let scripts = 0;
    const storeClient = {
      sendCommand: () => {},
      eval: async (script: string, options: { readonly keys: readonly string[] }) => {
        const [client] =
          Number.parseInt(options.keys[0]?.at(-1) ?? "", 16) % 2 ? servers : servers.toReversed();
        const answer = await client?.eval(script, options as never);
        scripts++;
        return answer;
      },
    };
    const limiter = flexibleRateLimiter(RateLimiterRedis, {
      storeClient,
      keyPrefix: "proxy",
    }) as Required<RateLimiter>;
    expect(await limiter.consumeAll(attemptsAt("first", "account"))).toHaveLength(1);
    await expect.poll(() => scripts).toBe(1 + 1 + 64);
    const passed = await Promise.all(
      times(50, (index) => passes(limiter, attemptsAt(`address ${index}`, "account"))),
    );
    expect(passed.filter(Boolean)).toHaveLength(rule.points);
    expect(scripts).toBe(1 + 1 + 64 + 2 * 50);
  });

  test("a trial that fails, or has no end, is made anew: meanwhile they count one at a time", async () => {
    const client = await createClient({ url: server.url }).connect();
    onTestFinished(() => client.destroy());
    let trials = 0;
    const storeClient = {
      sendCommand: () => {},
      eval: (script: string, options: { readonly keys: readonly string[]; arguments: readonly string[] }) => {
        if (options.keys.length > 2) trials++;
        const isOfTrial = options.keys.length === 1 && options.arguments[1] === "10";
        if (isOfTrial && trials === 1) return Promise.reject(new TypeError("away"));
        if (isOfTrial && trials === 2) return new Promise(() => {});
        return client.eval(script, options as never);
      },
    };
    const limiter = flexibleRateLimiter(
      RateLimiterRedis,
      { storeClient, keyPrefix: "trial" },
      { timeoutMs: 50 },
    );
    await whenTogether(limiter);
    expect(trials).toBe(3);
  });
});

describe.runIf(here).for(REDIS_PACKAGES)("on a cluster, by %s", (by) => {
  test("one slot for all keys makes one call; with many slots, or a lost master, no key gets new points", async () => {
    const cluster = await ownRedisCluster();
    onTestFinished(() => cluster.remove());
    const { client, ready, close } = connectRedis(by, cluster.urls);
    onTestFinished(close);
    await ready;
    const inOneSlot = flexibleRateLimiter(RateLimiterRedis, { storeClient: client, keyPrefix: "{auth}" });
    const inMany = flexibleRateLimiter(RateLimiterRedis, { storeClient: client }) as Required<RateLimiter>;
    await whenTogether(inOneSlot);
    const limiters = [inOneSlot, inMany];
    const passed = new Map<string, number>();
    const offer = async (): Promise<number> => {
      const calls = times(40, async (index) => {
        const [limiter, name] = [limiters[index % 2] as RateLimiter, `account ${index % 8}`];
        const isPassed = await passes(limiter, attemptsAt(`${crypto.randomUUID()}`, name));
        if (isPassed) passed.set(name, (passed.get(name) ?? 0) + 1);
      });
      return (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected").length;
    };

    expect(await offer()).toBe(0);
    expect(await inMany.consumeAll(attemptsAt("one", "two"))).toHaveLength(1);
    await cluster.nodes[0]?.kill();
    expect(await offer()).toBeGreaterThan(0);
    await cluster.nodes[0]?.start();
    while ((await offer()) > 0) await pause(100);
    await whenTogether(inOneSlot);
    expect(await offer()).toBe(0);
    expect(Math.max(...passed.values())).toBe(rule.points);
  });
});

/** Whether all of them are allowed, in as many calls as the limiter needs. */
async function passes(limiter: RateLimiter, attempts: readonly RateAttempt[]): Promise<boolean> {
  const verdicts = (await limiter.consumeAll?.(attempts)) ?? [];
  if (verdicts.some(({ allowed }) => !allowed)) return false;
  return verdicts.length === attempts.length || passes(limiter, attempts.slice(verdicts.length));
}
