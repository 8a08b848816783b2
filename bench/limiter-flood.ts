import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryRateLimiter } from "sallyport";
import { compare, type Work } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "the limiter in this process, under a flood of addresses";
const RULE = { points: 5, windowMs: 60_000 };
const VICTIM = "login:address:192.0.2.1";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A million addresses, each of which comes once, beside ten that come again and again. */
export async function limiterFloodRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const attempts = quick ? 200_000 : 1_000_000;
  const flood = Array.from(
    { length: attempts },
    (_, i) => `login:address:10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
  );
  const few = Array.from({ length: 10 }, (_, i) => `login:address:10.200.100.${i}`);
  const [result] = await compare(
    consuming("ten", few, attempts),
    [consuming("flood", flood, attempts)],
    quick ? 3 : 5,
  );
  if (!result) throw new Error("Nothing was measured.");
  const { ms, baselineMs, ratio } = result.elapsed;
  const held = await heldAfter(flood);
  const row = {
    group: GROUP,
    name: `an attempt of ${attempts.toLocaleString("en")} addresses`,
    unit: "µs" as const,
  };
  const baseline = { name: "of ten", value: baselineMs * 1000 };
  return [
    { ...row, value: ms * 1000, baseline, ratio, goal: atMost(3, ratio, "x") },
    { group: GROUP, name: "held after all of them", value: held, unit: "MB", goal: atMost(64, held, "MB") },
  ];
}

function consuming(name: string, keys: readonly string[], operations: number): Work {
  const run = async (): Promise<void> => {
    const limiter = memoryRateLimiter();
    for (let turn = 0; turn < operations; turn++)
      await limiter.consume(keys[turn % keys.length] as string, RULE);
  };
  return { name, operations, run };
}

/** What the limiter holds, beside the keys themselves, with a counter that must outlive the flood. */
async function heldAfter(keys: readonly string[]): Promise<number> {
  const before = megabytes();
  const limiter = memoryRateLimiter();
  for (let spent = 0; spent < RULE.points; spent++) await limiter.consume(VICTIM, RULE);
  for (const key of keys) await limiter.consume(key, RULE);
  const held = megabytes() - before;
  if ((await limiter.consume(VICTIM, RULE)).allowed) throw new Error("The flood washed a live counter away.");
  return held;
}

function megabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}
