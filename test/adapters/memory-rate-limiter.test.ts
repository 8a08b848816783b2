import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { memoryRateLimiter } from "sallyport";
import { fakeClock, rateLimiterSuite } from "sallyport/testing";
import { expect, test } from "vitest";
import { times } from "../support/harness.ts";

rateLimiterSuite({
  test,
  exact: true,
  makeLimiter: () => {
    const clock = fakeClock();
    return { limiter: memoryRateLimiter({ clock }), advance: (ms) => clock.advance(Math.ceil(ms)) };
  },
});

const rule = { points: 5, windowMs: 60_000 };

test("a full table makes room as soon as windows end, whatever their lengths", async () => {
  const clock = fakeClock();
  const limiter = memoryRateLimiter({ clock, maxKeys: 100 });
  const day = { points: 100, windowMs: 86_400_000 };
  for (const index of times(100, (i) => i)) await limiter.consume(`day ${index}`, day);
  // A table full of days leaves the minutes their room.
  for (const index of times(100, (i) => i)) {
    expect((await limiter.consume(`minute ${index}`, rule)).count).toBe(1);
  }
  expect(await Promise.all(times(9000, (index) => limiter.consume(`more ${index}`, rule)))).toContainEqual(
    expect.objectContaining({ count: 2 }), // they share counters now
  );
  clock.advance("1m");
  // Every place is free again; the day's counters are untouched.
  for (const index of times(100, (i) => i)) {
    expect(await limiter.consume(`new ${index}`, rule)).toMatchObject({ allowed: true, count: 1 });
  }
  expect((await limiter.consume("day 7", day)).count).toBe(2);
});

test("keys that share an overflow counter can only be refused earlier", async () => {
  const limiter = memoryRateLimiter({ clock: fakeClock(), maxKeys: 0 });
  const verdicts = await Promise.all(times(20_000, (index) => limiter.consume(`key ${index % 2000}`, rule)));
  const allowed = new Map<string, number>();
  for (const [index, verdict] of verdicts.entries()) {
    if (verdict.allowed) allowed.set(`key ${index % 2000}`, (allowed.get(`key ${index % 2000}`) ?? 0) + 1);
  }
  expect(Math.max(...allowed.values())).toBeLessThanOrEqual(rule.points);
  expect(verdicts.filter((verdict) => verdict.allowed).length).toBeGreaterThan(2000);
});

test("a clock that steps back forgets nothing, and keeps nobody out for longer than a window", async () => {
  const clock = fakeClock("2026-01-01T12:00:00Z");
  const limiter = memoryRateLimiter({ clock });
  for (const _ of times(6, (i) => i)) await limiter.consume("key", rule);
  clock.set(new Date("2026-01-01T11:00:00Z"));
  expect(await limiter.consume("key", rule)).toMatchObject({ allowed: false, resetMs: rule.windowMs });
  clock.advance(rule.windowMs);
  expect((await limiter.consume("key", rule)).allowed).toBe(true);
});

test("a clock that tells no time counts nothing, and lets nobody pass", async () => {
  const limiter = memoryRateLimiter({ clock: { now: () => new Date(Number.NaN) } });
  await expect(limiter.consume("key", rule)).rejects.toThrow(/time/);
});

test("after a million addresses it holds less than 64 MB, and the counters of before are live", async () => {
  const program = fileURLToPath(new URL("../support/limiter-flood.ts", import.meta.url));
  const useSource = new URL("../examples/use-source.ts", import.meta.url).href;
  const args = ["--no-warnings", "--expose-gc", `--import=${useSource}`, program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { grown, victims } = JSON.parse(stdout);
  expect(grown).toBeGreaterThan(1e6); // a process that collected no garbage, or counted nothing, would not do
  expect(grown).toBeLessThan(64e6);
  expect(victims).toMatchObject([
    { allowed: false, count: 21 },
    { allowed: false, count: 21 },
  ]);
});
