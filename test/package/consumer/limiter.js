import assert from "node:assert/strict";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";

const rule = { points: 2, windowMs: 60_000 };
const limiter = flexibleRateLimiter(RateLimiterMemory, {});
const verdicts = [];
for (let attempt = 0; attempt < 3; attempt++) verdicts.push((await limiter.consume("key", rule)).allowed);
assert.deepEqual(verdicts, [true, true, false]);
console.log("limiter: ok");
