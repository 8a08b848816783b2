// One of several instances that are attacked at once: they share nothing but a secret and Redis.
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { makeTarget, type Step } from "../../support/guess-attack.ts";

const [url, keyPrefix, ownerIp] = process.argv.slice(2);
const redis = await createClient({ url: url as string }).connect();
const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient: redis, keyPrefix: keyPrefix as string });
const target = await makeTarget(limiter, ownerIp);

process.on("message", async (step: Step) => process.send?.(await target.carry(step)));
process.on("disconnect", () => redis.destroy());
process.send?.("started");
