import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type KeyRule, memoryRateLimiter, type RateLimiter } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { compare, type Work } from "../measure.ts";
import { atMost, type Row } from "../report.ts";

const GROUP = "the limiter alone";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The rules that count a login. */
const LOGIN: readonly KeyRule[] = [
  { points: 5, windowMs: MINUTE, scope: "address" },
  { points: 10, windowMs: 15 * MINUTE, scope: "account" },
  { points: 100, windowMs: DAY, scope: "account" },
];

/** All rules of the defaults, those of wider IPv6 networks too. */
const ALL: readonly KeyRule[] = [
  ...[1, 5, 30, 60].flatMap((points) =>
    [1, 10, 40, 160].map((scale) => ({
      points: points * scale,
      windowMs: MINUTE,
      scope: "address" as const,
    })),
  ),
  ...LOGIN.slice(1),
  { points: 5, windowMs: 15 * MINUTE, scope: "account" },
  { points: 10, windowMs: 15 * MINUTE, scope: "device" },
  { points: 30, windowMs: MINUTE, scope: "session" },
  { points: 60, windowMs: MINUTE, scope: "session" },
  { points: 10, windowMs: 15 * MINUTE, scope: "session" },
  { points: 100, windowMs: DAY, scope: "session" },
];

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** What an attempt costs while every table is full, and what the limiter then holds. */
export async function limiterRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const attempts = quick ? 50_000 : 200_000;
  const ten = attempting("ten", 10, attempts);
  const [result] = await compare(
    ten,
    [attempting("flood", Number.POSITIVE_INFINITY, attempts)],
    quick ? 3 : 7,
  );
  if (!result) throw new Error("Nothing was measured.");
  const { ms, baselineMs, ratio } = result.elapsed;
  const held = await heldWhenAllIsFull();
  return [
    {
      group: GROUP,
      name: "an attempt at a login, while the tables are full",
      value: ms * 1000,
      unit: "µs",
      baseline: { name: "with ten keys", value: baselineMs * 1000 },
      ratio,
      goal: atMost(3, ratio, "x"),
    },
    {
      group: GROUP,
      name: "held, with every table full",
      value: held,
      unit: "MB",
      goal: atMost(64, held, "MB"),
    },
  ];
}

function attempting(name: string, keys: number, operations: number): Work {
  let limiter = memoryRateLimiter();
  const attempt = async (turn: number): Promise<void> => {
    for (const rule of LOGIN) await limiter.consume(keyOf(rule, turn), rule);
  };
  return {
    name,
    operations,
    prepare: async () => {
      limiter = memoryRateLimiter({ clock: fakeClock() });
      for (let turn = 0; turn < Math.min(keys, 50_000); turn++) await attempt(-1 - turn);
    },
    run: async () => {
      for (let turn = 0; turn < operations; turn++) await attempt(turn % keys);
    },
  };
}

async function heldWhenAllIsFull(): Promise<number> {
  const before = megabytes();
  const limiter: RateLimiter = memoryRateLimiter({ clock: fakeClock() });
  for (const rule of ALL)
    for (let turn = 0; turn < 30_000; turn++) await limiter.consume(keyOf(rule, turn), rule);
  const held = megabytes() - before;
  await limiter.consume("still in use", LOGIN[0] as KeyRule);
  return held;
}

/** As long as the keys of the flows. */
function keyOf({ points, scope }: KeyRule, turn: number): string {
  return `0123456789abcdef:login:${scope}:hmac:0a1b2c3d:${points}:${turn}`.padEnd(66, "z");
}

export function megabytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}
