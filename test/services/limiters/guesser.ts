// One of several instances that are attacked at once: they share nothing but a secret and Redis.
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { makeTarget, type Step } from "../../support/guess-attack.ts";
import { makeTokenTarget, type TokenStep } from "../../support/token-attack.ts";

const [url, keyPrefix, ownerIp] = process.argv.slice(2);
const redis = await createClient({ url: url as string }).connect();
const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient: redis, keyPrefix: keyPrefix as string });
const target = await makeTarget(limiter, ownerIp);
const tokenTarget = await makeTokenTarget(limiter);

const carry = async (step: Step | TokenStep) =>
  "withTokens" in step ? { hashed: await tokenTarget.carry(step), owner: null } : target.carry(step);
process.on("message", async (step: Step | TokenStep) => process.send?.(await carry(step)));
process.on("disconnect", () => redis.destroy());
process.send?.("started");
