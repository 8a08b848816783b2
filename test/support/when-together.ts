import { setTimeout as pause } from "node:timers/promises";
import type { RateLimiter } from "../../src/ports/rate-limiter.ts";
import { times } from "./harness.ts";

const rule = { points: 1_000_000, windowMs: 60_000 };

/** Waits until a limiter counts several attempts in one call. It tries both ways after its first count. */
export async function whenTogether(limiter: RateLimiter): Promise<void> {
  const attempts = times(2, (index) => ({ key: `together ${index}`, rule }));
  while ((await limiter.consumeAll?.(attempts))?.length !== 2) await pause(5);
}
