import fc from "fast-check";
import { expect, test } from "vitest";
import { countAttempt, newCounter, refundAttempt } from "../../src/lib/attempt-counter.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const WINDOW = 1000;

type Step = { readonly wait: number } | "attempt" | "refund";
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("attempt" as const) },
  { weight: 2, arbitrary: fc.constant("refund" as const) },
  { weight: 4, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: WINDOW }) }) },
);

test("in any span of a window's length at most the points are allowed, whatever is given back in between", () => {
  const holds = fc.property(
    fc.integer({ min: 1, max: 6 }),
    fc.array(step, { minLength: 20, maxLength: 80 }),
    fc.infiniteStream(fc.nat()),
    (points, steps, draws) => {
      const counter = newCounter();
      let now = 0;
      let allowedAt: number[] = [];
      for (const each of steps) {
        if (typeof each === "object") now += each.wait;
        else if (each === "attempt") {
          if (countAttempt(counter, { points, windowMs: WINDOW }, now).allowed) allowedAt.push(now);
        } else {
          // Any attempt that still counts may turn out to have been right.
          const open = allowedAt.filter((at) => now - at < WINDOW);
          const chosen = open[(draws.next().value as number) % Math.max(1, open.length)];
          if (chosen === undefined) continue;
          refundAttempt(counter);
          allowedAt = allowedAt.toSpliced(allowedAt.indexOf(chosen), 1);
        }
        for (const from of allowedAt)
          expect(allowedAt.filter((at) => at >= from && at < from + WINDOW).length).toBeLessThanOrEqual(
            points,
          );
      }
    },
  );
  fc.assert(holds, { numRuns: fuzzRuns(500) });
});

test("whoever is refused is let in when the answer said, and not before", () => {
  const holds = fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
    const rule = { points: 3, windowMs: WINDOW };
    const counter = newCounter();
    let now = 0;
    for (const each of steps) {
      if (typeof each === "object") now += each.wait;
      if (each !== "attempt") continue;
      const verdict = countAttempt(counter, rule, now);
      expect(verdict.count <= rule.points).toBe(verdict.allowed);
      if (verdict.allowed) continue;
      expect(verdict.resetMs).toBeGreaterThan(0);
      expect(verdict.resetMs).toBeLessThanOrEqual(WINDOW);
      expect(countAttempt(structuredClone(counter), rule, now + verdict.resetMs - 1).allowed).toBe(false);
      expect(countAttempt(structuredClone(counter), rule, now + verdict.resetMs).allowed).toBe(true);
    }
  });
  fc.assert(holds, { numRuns: fuzzRuns(200) });
});

test("one unbroken refusal is one, on both sides of an edge; points in between begin another", () => {
  const rule = { points: 2, windowMs: WINDOW };
  const counter = newCounter();
  const at = (now: number): number => countAttempt(counter, rule, now).count;
  expect([at(0), at(900), at(950), at(1000), at(1100)]).toEqual([1, 2, 3, 4, 5]);
  expect([at(1900), at(1901), at(1902)]).toEqual([1, 2, 3]);
});

test("a clock that was ahead keeps nobody out for longer than a window", () => {
  const rule = { points: 2, windowMs: WINDOW };
  const counter = newCounter();
  for (let attempt = 0; attempt < 5; attempt++) countAttempt(counter, rule, 365 * 86_400_000);
  expect(countAttempt(counter, rule, 0)).toEqual({ allowed: false, count: 6, resetMs: WINDOW });
  expect(countAttempt(counter, rule, WINDOW).allowed).toBe(true);
});
