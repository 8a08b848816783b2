import { expect, test } from "vitest";
import { slotHash } from "../../src/lib/slot-hash.ts";
import { times } from "../support/harness.ts";

const SLOTS = 1024;
const texts = times(100 * SLOTS, (index) => `5:login:address:10.0.${index >> 8}.${index & 255}`);

test("texts that look alike spread over all slots", () => {
  const hash = slotHash([1, 2]);
  const counts = new Array<number>(SLOTS).fill(0);
  for (const text of texts) counts[hash(text) % SLOTS] = (counts[hash(text) % SLOTS] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(50);
  expect(Math.max(...counts)).toBeLessThan(160);
});

test("which texts meet depends on the key", () => {
  const one = slotHash([1, 2]);
  const meeting = texts.filter((text) => one(text) % SLOTS === 7);
  for (const key of [
    [1, 3],
    [2, 2],
    [0x7fffffff, -1],
  ] as const) {
    const other = slotHash(key);
    const slots = new Set(meeting.map((text) => other(text) % SLOTS));
    expect(slots.size).toBeGreaterThan(meeting.length / 2);
  }
});

test("every character counts, the last of an odd number and those that are nothing too", () => {
  const hash = slotHash([3, 4]);
  const alike = ["", "\0", "\0\0", "a", "a\0", "a\0\0", "ab", "ba", "abc", "abd", "é", "e\u0301", "\ud800"];
  expect(new Set(alike.map(hash)).size).toBe(alike.length);
});
