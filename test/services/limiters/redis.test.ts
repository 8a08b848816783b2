import { randomUUID } from "node:crypto";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { rateLimiterSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { forgetRedis, rewindRedis } from "../../support/redis.ts";
import { type ConnectedRedis, connectRedis, REDIS_PACKAGES } from "../../support/redis-clients.ts";
import { isThere } from "../../support/required-services.ts";

const url = process.env["REDIS_URL"];

describe.runIf(isThere(url, "redis: REDIS_URL is not set")).for(REDIS_PACKAGES)("on redis, by %s", (by) => {
  const prefixes: string[] = [];
  let redis: ConnectedRedis;
  beforeAll(async () => {
    redis = await connectRedis(by, [url as string]);
  });
  afterAll(async () => {
    for (const prefix of prefixes) await forgetRedis(redis.client, prefix);
    redis.close();
  });

  rateLimiterSuite({
    test,
    exact: true,
    makeLimiter: () => {
      const keyPrefix = `sallyport-${randomUUID()}`;
      prefixes.push(keyPrefix);
      return {
        limiter: flexibleRateLimiter(RateLimiterRedis, { storeClient: redis.client, keyPrefix }),
        advance: (ms) => rewindRedis(redis.client, keyPrefix, ms),
      };
    },
  });
});
