import fc from "fast-check";
import { expect, test } from "vitest";
import { type NameHashes, sharedCounters } from "../../src/lib/shared-counters.ts";
import { slotHash } from "../../src/lib/slot-hash.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { times } from "../support/harness.ts";

const WINDOW = 1000;
const [first, second] = [slotHash([1, 2]), slotHash([3, 4])];
const of = (name: string): NameHashes => [first(name), second(name)];
/** So few that names meet in both rows all the time. */
const FEW = 3;

type Step = { readonly wait: number } | { readonly attempt: string } | "refund" | "free";
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ attempt: fc.constantFrom("a", "b", "c", "d", "e") }) },
  { weight: 3, arbitrary: fc.constant("refund" as const) },
  { weight: 1, arbitrary: fc.constant("free" as const) },
  { weight: 5, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: WINDOW }) }) },
);

test("in any span of a window no name passes more often than its rule, whatever others do and give back", () => {
  const holds = fc.property(
    fc.integer({ min: 1, max: 6 }),
    fc.array(step, { minLength: 30, maxLength: 120 }),
    fc.infiniteStream(fc.nat()),
    (points, steps, draws) => {
      const counters = sharedCounters({ points, windowMs: WINDOW, slots: FEW });
      let now = 0;
      let passed: { readonly name: string; readonly at: number; readonly mark: number }[] = [];
      for (const each of steps) {
        if (each === "free") counters.freeUnused(now);
        else if (each === "refund") {
          // Any attempt may be given back, even long after its window, but each only once.
          const chosen = passed[(draws.next().value as number) % Math.max(1, passed.length)];
          if (!chosen) continue;
          counters.refund(of(chosen.name), chosen.mark, now);
          passed = passed.filter((one) => one !== chosen);
        } else if ("wait" in each) now += each.wait;
        else {
          const verdict = counters.count(of(each.attempt), now);
          if (verdict.allowed) passed.push({ name: each.attempt, at: now, mark: verdict.mark });
        }
        for (const { name, at } of passed) {
          const span = passed.filter((one) => one.name === name && one.at >= at && one.at < at + WINDOW);
          expect(span.length).toBeLessThanOrEqual(points);
        }
      }
    },
  );
  fc.assert(holds, { numRuns: fuzzRuns(500) });
});

test("a refused name passes when the answer said, if no other name comes between", () => {
  const holds = fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
    const counters = sharedCounters({ points: 3, windowMs: WINDOW, slots: FEW });
    let now = 0;
    for (const each of steps) {
      if (typeof each !== "object") continue;
      if ("wait" in each) now += each.wait;
      else {
        const verdict = counters.count(of(each.attempt), now);
        expect(verdict.count <= 3).toBe(verdict.allowed);
        if (verdict.allowed) continue;
        expect(verdict.resetMs).toBeGreaterThan(0);
        expect(verdict.resetMs).toBeLessThanOrEqual(WINDOW * 1.25);
        now += verdict.resetMs - 1;
        expect(counters.count(of(each.attempt), now).allowed).toBe(false);
        now += 1;
        expect(counters.count(of(each.attempt), now).allowed).toBe(true);
      }
    }
  });
  fc.assert(holds, { numRuns: fuzzRuns(200) });
});

test("the refusals of a name count up until it has points again, so that a flood leaves few events", () => {
  const counters = sharedCounters({ points: 2, windowMs: WINDOW, slots: 64 });
  expect(times(6, () => counters.count(of("a"), 0).count)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(times(3, () => counters.count(of("a"), 2 * WINDOW).count)).toEqual([1, 2, 3]);
});

test("one slot may be full: the other one decides", () => {
  const counters = () => sharedCounters({ points: 1, windowMs: WINDOW, slots: 64 });
  const name: NameHashes = [5, 7];
  const one = counters();
  one.count([5, 8], 0);
  expect(one.count(name, 0).allowed).toBe(true);
  const both = counters();
  both.count([5, 8], 0);
  both.count([6, 7], 0);
  expect(both.count(name, 0).allowed).toBe(false);
});

test("a count of more points than its slot can hold stays full, and a refund does not open it", () => {
  const counters = sharedCounters({ points: 255, windowMs: WINDOW, slots: 1 });
  const marks = times(255, () => counters.count(of("a"), 0).mark);
  for (const mark of marks) counters.refund(of("a"), mark, 0);
  expect(counters.count(of("b"), 0).allowed).toBe(false);
  expect(counters.count(of("b"), 2 * WINDOW).allowed).toBe(true);
});

test("memory is there only while an attempt counts", () => {
  const counters = sharedCounters({ points: 5, windowMs: WINDOW, slots: 64 });
  expect([counters.isUsed(), counters.holds(of("a"), 0)]).toEqual([false, false]);
  const { mark } = counters.count(of("a"), 0);
  counters.freeUnused(WINDOW);
  expect([counters.isUsed(), counters.holds(of("a"), WINDOW)]).toEqual([true, true]);
  counters.freeUnused(WINDOW * 1.25);
  expect(counters.isUsed()).toBe(false);
  counters.count(of("a"), WINDOW * 1.25);
  counters.refund(of("a"), mark, WINDOW * 1.25); // of the memory before
  expect(counters.holds(of("a"), WINDOW * 1.25)).toBe(true);
});

test("a clock that was ahead keeps no name out for longer than a window and a pane", () => {
  const counters = sharedCounters({ points: 1, windowMs: WINDOW, slots: 64 });
  counters.count(of("a"), 365 * 86_400_000);
  expect(counters.count(of("a"), 0).allowed).toBe(false);
  expect(counters.count(of("a"), WINDOW * 1.25).allowed).toBe(true);
});
