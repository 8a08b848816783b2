import assert from "node:assert/strict";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";

const rule = { points: 2, windowMs: 60_000 };
// By another name: it would be refused as one that does not count for several processes.
class Backend extends RateLimiterMemory {}
const limiter = flexibleRateLimiter(Backend, {});
const verdicts = [];
for (let attempt = 0; attempt < 3; attempt++) verdicts.push((await limiter.consume("key", rule)).allowed);
assert.deepEqual(verdicts, [true, true, false]);
console.log("limiter: ok");
