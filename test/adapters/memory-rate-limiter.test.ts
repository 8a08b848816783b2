import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type FullTable, memoryRateLimiter, type RateLimiter } from "sallyport";
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

/** A limiter without room: each new key with a window of the rule shares counters. */
async function fullLimiter(): Promise<RateLimiter> {
  const limiter = memoryRateLimiter({ clock: fakeClock(), maxKeys: 1 });
  await limiter.consume("the only one", rule);
  return limiter;
}

test("of 200 attempts at once exactly the rule's number pass", async () => {
  const limiter = memoryRateLimiter({ clock: fakeClock() });
  for (const points of [5, 100]) {
    const verdicts = await Promise.all(times(200, () => limiter.consume("key", { ...rule, points })));
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(points);
  }
});

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
  clock.advance(rule.windowMs * 1.25); // shared counters forget up to a fifth of the window later
  // Every place is free again; the day's counters are untouched.
  for (const index of times(100, (i) => i)) {
    expect(await limiter.consume(`new ${index}`, rule)).toMatchObject({ allowed: true, count: 1 });
  }
  expect((await limiter.consume("day 7", day)).count).toBe(2);
});

test("keys that share an overflow counter can only be refused earlier", async () => {
  const limiter = await fullLimiter();
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

// Keys that share counters meet somebody else's count, as soon as they are some thousand.
const MANY = 5000;

/** How many of so many new keys find a count that is not theirs: none, while all have room of their own. */
async function strangersMet(limiter: RateLimiter): Promise<number> {
  const verdicts = await Promise.all(times(MANY, (index) => limiter.consume(`new ${index}`, rule)));
  return verdicts.filter(({ count }) => count > 1).length;
}

test("keys that keep coming, or keep being refused, hold back no room for others", async () => {
  const clock = fakeClock();
  const limiter = memoryRateLimiter({ clock, maxKeys: MANY + 1 });
  const once = { points: 1, windowMs: rule.windowMs };
  await limiter.consume("early", rule);
  for (const index of times(MANY, Number)) await limiter.consume(`late ${index}`, once);
  clock.advance("50s");
  await limiter.consume("early", rule); // allowed again, it lives on; the others are refused, and do not
  for (const index of times(MANY, Number)) await limiter.consume(`late ${index}`, once);
  clock.advance("10s");
  expect(await strangersMet(limiter)).toBe(0);
  expect((await limiter.consume("early", rule)).count).toBe(3);
});

test("a clock that was ahead stops no forgetting", async () => {
  const clock = fakeClock("2027-01-01T00:00:00Z");
  const limiter = memoryRateLimiter({ clock, maxKeys: 1 });
  await limiter.consume("ahead", rule);
  clock.set(new Date("2026-01-01T00:00:00Z"));
  await limiter.consume("ahead", rule);
  clock.advance("61s");
  for (const key of ["one", "two"]) {
    clock.advance("61s");
    await limiter.consume(key, rule);
    expect((await limiter.consume(key, rule)).count).toBe(2);
  }
});

test("logins that were right take no room, and what is shared is given back too", async () => {
  const limiter = memoryRateLimiter({ clock: fakeClock(), maxKeys: MANY });
  for (const index of times(MANY, Number)) {
    await limiter.consume(`owner ${index}`, rule);
    await limiter.refund(`owner ${index}`, rule);
  }
  expect(await strangersMet(limiter)).toBe(0);
  const shared = await fullLimiter();
  await shared.refund("key", rule, await shared.consume("key", rule));
  expect((await shared.consume("key", rule)).count).toBe(1);
});

test("a refund frees no point of another key that shares its counters", async () => {
  const limiter = await fullLimiter();
  for (const _ of times(5, Number)) await limiter.consume("victim", rule);
  // Without the verdict of its attempt, a refund could take the count of anyone.
  for (const _ of times(9, Number)) await limiter.refund("victim", rule);
  for (const index of times(20_000, Number)) {
    const verdict = await limiter.consume(`stranger ${index}`, rule);
    if (verdict.allowed) await limiter.refund(`stranger ${index}`, rule, verdict);
  }
  expect((await limiter.consume("victim", rule)).allowed).toBe(false);
});

test("a key that shared counters has no new points when there is room for a counter of its own", async () => {
  const clock = fakeClock();
  const limiter = memoryRateLimiter({ clock, maxKeys: 1 });
  await limiter.consume("first", rule);
  clock.advance("30s");
  for (const _ of times(5, Number)) await limiter.consume("key", rule);
  clock.advance("31s"); // the first counter is free now
  expect((await limiter.consume("key", rule)).allowed).toBe(false);
  expect((await limiter.consume("other", rule)).count).toBe(1);
});

const SCOPES = ["address", "account", "device", "session"] as const;

test.each(SCOPES)("a flood of keys of the scope %s takes no room from other scopes", async (flooded) => {
  const limiter = memoryRateLimiter({ clock: fakeClock(), maxKeys: 100 });
  const full: FullTable[] = [];
  limiter.onFullTable?.((table) => full.push(table));
  for (const index of times(500, Number)) await limiter.consume(`key ${index}`, { ...rule, scope: flooded });
  expect(full).toEqual([{ phase: "began", scope: flooded, windowMs: rule.windowMs }]);
  for (const scope of SCOPES.filter((each) => each !== flooded))
    for (const index of times(100, Number)) await limiter.consume(`key ${index}`, { ...rule, scope });
  expect(full).toHaveLength(1);
});

test("a full table is told once when it begins and once when it ends, also to a listener that comes late", async () => {
  const clock = fakeClock();
  const limiter = memoryRateLimiter({ clock, maxKeys: 10 });
  const phases: string[] = [];
  const stop = limiter.onFullTable?.(({ phase }) => phases.push(phase));
  for (const index of times(50, Number)) await limiter.consume(`key ${index}`, rule);
  const late: FullTable[] = [];
  limiter.onFullTable?.((table) => late.push(table));
  expect(late).toEqual([{ phase: "began", scope: null, windowMs: rule.windowMs }]);
  clock.advance(rule.windowMs * 1.25);
  await limiter.consume("another window", { points: 1, windowMs: 1000 });
  expect([phases, late.map(({ phase }) => phase)]).toEqual([
    ["began", "ended"],
    ["began", "ended"],
  ]);
  stop?.();
  for (const index of times(50, Number)) await limiter.consume(`key ${index}`, rule);
  expect(phases).toHaveLength(2);
});

test("a full table refuses a key of many points no more often for a flood of keys of few", async () => {
  const limiter = await fullLimiter();
  for (const index of times(200_000, Number)) await limiter.consume(`few ${index}`, { ...rule, points: 1 });
  const verdicts = [];
  // Two of a thousand would meet now and then, two of a hundred in one of thousands of runs.
  for (const index of times(100, Number)) verdicts.push(await limiter.consume(`many ${index}`, rule));
  expect(verdicts.filter(({ count }) => count > 1)).toHaveLength(0);
});

test("keys that look alike spread over all shared counters", async () => {
  const limiter = await fullLimiter();
  const many = { points: 1000, windowMs: rule.windowMs };
  const counts = [];
  for (const index of times(65_536, Number))
    counts.push((await limiter.consume(`10.0.0.${index}`, many)).count);
  expect(counts.filter((count) => count === 1).length).toBeGreaterThan(40_000);
  expect(Math.max(...counts)).toBeLessThan(8);
});

test("which keys share a counter nobody can know", async () => {
  const meetings = async (): Promise<string> => {
    const limiter = await fullLimiter();
    const counts = [];
    for (const index of times(30_000, Number))
      counts.push((await limiter.consume(`key ${index}`, rule)).count);
    return counts.join("");
  };
  expect(await meetings()).not.toBe(await meetings());
});

test("a flood of addresses at as many accounts never holds 64 MB, and what was live is live", async () => {
  const program = fileURLToPath(new URL("../support/limiter-flood.ts", import.meta.url));
  const useSource = new URL("../support/use-source.ts", import.meta.url).href;
  const args = ["--no-warnings", "--expose-gc", `--import=${useSource}`, program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { grown, victims } = JSON.parse(stdout);
  expect(grown.atFirst).toBeGreaterThan(1e6); // a process that collected no garbage, or counted nothing, would not do
  expect(grown.atFirst).toBeLessThan(64e6);
  expect(grown.later).toBeLessThan(1e6); // 100,000 more: less than 10 bytes for each
  expect(victims).toEqual(times(4, () => expect.objectContaining({ allowed: false, count: 201 })));
});
