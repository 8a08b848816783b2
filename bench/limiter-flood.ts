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
  const ten = consuming("ten", 10, attempts);
  const [result] = await compare(ten, [consuming("flood", attempts, attempts)], quick ? 3 : 5);
  if (!result) throw new Error("Nothing was measured.");
  const { ms, baselineMs, ratio } = result.elapsed;
  const held = await heldAfter(attempts);
  const name = `an attempt, of ${attempts.toLocaleString("en")} addresses`;
  const baseline = { name: "of ten", value: baselineMs * 1000 };
  const goal = atMost(3, ratio, "x");
  return [
    { group: GROUP, name, value: ms * 1000, unit: "µs", baseline, ratio, goal },
    { group: GROUP, name: "held after all of them", value: held, unit: "MB", goal: atMost(64, held, "MB") },
  ];
}

function consuming(name: string, addresses: number, operations: number): Work {
  const run = async (): Promise<void> => {
    const limiter = memoryRateLimiter();
    for (let turn = 0; turn < operations; turn++) await limiter.consume(keyOf(turn % addresses), RULE);
  };
  return { name, operations, run };
}

/** What the limiter holds, with a counter that must outlive the flood. */
async function heldAfter(addresses: number): Promise<number> {
  const before = megabytes();
  const limiter = memoryRateLimiter();
  for (let spent = 0; spent < RULE.points; spent++) await limiter.consume(VICTIM, RULE);
  for (let index = 0; index < addresses; index++) await limiter.consume(keyOf(index), RULE);
  const held = megabytes() - before;
  if ((await limiter.consume(VICTIM, RULE)).allowed) throw new Error("The flood washed a live counter away.");
  return held;
}

/** Made anew for each attempt, as the flows do. */
function keyOf(index: number): string {
  return `login:address:10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

function megabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}
