// The rules of counting are written down twice: here for this process, and in Lua for Redis.
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { memoryRateLimiter, type RateAttempt, type RateLimiter, type RateVerdict } from "sallyport";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { fakeClock, type LimiterUnderTest } from "sallyport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forgetRedis, rewindRedis } from "../../support/redis.ts";
import { type ConnectedRedis, connectRedis } from "../../support/redis-clients.ts";
import { isThere } from "../../support/required-services.ts";
import { whenTogether } from "../../support/when-together.ts";

/** Steps of whole seconds: what really passes meanwhile is less than one. */
const SECOND = 1000;
const rule = { points: 4, windowMs: 10 * SECOND };

/** Several numbers: the points of rules that are counted in one call. */
type Step = { readonly seconds: number } | "consume" | "refund" | readonly number[];
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("consume" as const) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant("refund" as const) },
  { weight: 3, arbitrary: fc.record({ seconds: fc.integer({ min: 1, max: 12 }) }) },
);

const url = process.env["REDIS_URL"];

describe.runIf(isThere(url, "redis: REDIS_URL is not set"))("on redis", () => {
  const prefixes: string[] = [];
  let redis: ConnectedRedis;
  beforeAll(async () => {
    redis = connectRedis("redis", [url as string]);
    await redis.ready;
  });
  afterAll(async () => {
    for (const prefix of prefixes) await forgetRedis(redis.client, prefix);
    redis.close();
  });

  test("whatever happens, every attempt is judged as it would be in this process", async () => {
    const judgesAlike = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const keyPrefix = `test-${randomUUID()}`;
      prefixes.push(keyPrefix);
      const clock = fakeClock();
      const here: LimiterUnderTest = {
        limiter: memoryRateLimiter({ clock }),
        advance: (ms) => clock.advance(ms),
      };
      const shared: LimiterUnderTest = {
        limiter: flexibleRateLimiter(RateLimiterRedis, { storeClient: redis.client, keyPrefix }),
        advance: (ms) => rewindRedis(redis.client, keyPrefix, ms),
      };
      await whenTogether(shared.limiter);
      expect(await judge(shared, steps)).toEqual(await judge(here, steps));
    });
    await fc.assert(judgesAlike, { numRuns: 100 });
  });
});

/** What is allowed, and what has been counted. */
async function judge({ limiter, advance }: LimiterUnderTest, steps: readonly Step[]): Promise<unknown[]> {
  const verdicts: unknown[] = [];
  for (const each of steps) {
    if (each === "refund") await limiter.refund("key", rule);
    else if (typeof each === "object" && "seconds" in each) await advance(each.seconds * SECOND);
    else if (each === "consume") verdicts.push(inShort(await limiter.consume("key", rule)));
    else {
      const attempts = each.map((points) => ({ key: "key", rule: { ...rule, points } }));
      verdicts.push((await countAll(limiter, attempts)).map(inShort));
    }
  }
  return verdicts;
}

function inShort({ allowed, count, resetMs }: RateVerdict): unknown {
  return [allowed, count, Math.ceil(resetMs / SECOND)];
}

/** In one call, or one at a time up to the first refusal. */
async function countAll(
  limiter: RateLimiter,
  attempts: readonly RateAttempt[],
): Promise<readonly RateVerdict[]> {
  if (limiter.consumeAll) return limiter.consumeAll(attempts);
  const verdicts: RateVerdict[] = [];
  for (const { key, rule: own } of attempts)
    if (verdicts.at(-1)?.allowed !== false) verdicts.push(await limiter.consume(key, own));
  return verdicts;
}
