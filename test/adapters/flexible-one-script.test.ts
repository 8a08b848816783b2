// G4, G7: what a client answers to the script of several keys. It is a client as little as `redis` needs to be.
import { RateLimiterRedis } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { expect, test } from "vitest";
import type { RateLimiter } from "../../src/ports/rate-limiter.ts";
import { times } from "../support/harness.ts";
import { COUNTED, stubBackend } from "../support/stub-backend.ts";
import { whenTogether } from "../support/when-together.ts";

const rule = { points: 5, windowMs: 60_000 };
const attempts = times(3, (index) => ({ key: `key ${index}`, rule }));

/** Counts each key, until it is told what to answer. */
function scripted() {
  const counts = new Map<string, number>();
  const told: { answer?: unknown; apart?: boolean } = {};
  const evaluate = async (_: string, { keys }: { readonly keys: readonly string[] }): Promise<unknown> => {
    if ("answer" in told) return told.answer;
    if (told.apart && keys.length > 1) throw new TypeError("CROSSSLOT");
    return keys.flatMap((key) => {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return [counts.get(key), 60_000];
    });
  };
  const storeClient = { eval: evaluate, sendCommand: () => {} };
  const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient }) as Required<RateLimiter>;
  return { limiter, told };
}

test.for([undefined, null, 1, {}, [null, null], [undefined, 1], ["", 1], [{}, 1], [1, 60_000, null, 60_000]])(
  "an answer without a count lets nobody pass: %j",
  async (answer) => {
    const { limiter, told } = scripted();
    await whenTogether(limiter);
    told.answer = answer;
    await expect(limiter.consumeAll(attempts)).rejects.toThrow(TypeError);
  },
);

test("numbers as text are numbers, and an answer says which attempts were counted", async () => {
  const { limiter, told } = scripted();
  await whenTogether(limiter);
  told.answer = ["5", "1000", "6", "2000"];
  expect(await limiter.consumeAll(attempts)).toEqual([
    { allowed: true, count: 5, resetMs: 1000 },
    { allowed: false, count: 6, resetMs: 2000 },
  ]);
});

test("keys that move apart fail one call, and are then counted one at a time", async () => {
  const { limiter, told } = scripted();
  await whenTogether(limiter);
  told.apart = true;
  await expect(limiter.consumeAll(attempts)).rejects.toThrow("CROSSSLOT");
  for (const count of [1, 2, 3]) expect(await limiter.consumeAll(attempts)).toMatchObject([{ count }]);
});

test("a class that counts elsewhere than the script is asked for each attempt", async () => {
  const { Backend, asked } = stubBackend(async () => COUNTED);
  const storeClient = { eval: async () => [1, 60_000], sendCommand: () => {} };
  const limiter = flexibleRateLimiter(Backend, { storeClient }) as Required<RateLimiter>;
  for (const _ of times(5, Number)) {
    expect(await limiter.consumeAll(attempts)).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(asked).toHaveLength(5 + 64);
});
