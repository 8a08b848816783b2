// Class: bounds that hold for who keeps to the windows, and not for who knows where they end.
import { describe, expect, test } from "vitest";
import {
  attacksOfOneAddress,
  attacksOnOneAccount,
  makeTarget,
  mostWithin,
  type Step,
} from "../support/guess-attack.ts";
import { attackWith, HOARDS, makeTokenTarget } from "../support/token-attack.ts";

const MINUTE = 60_000;

async function withstand(steps: readonly Step[]) {
  const target = await makeTarget();
  const hashes: [number, number][] = [];
  const owner = new Set<string>();
  for (const step of steps) {
    const carried = await target.carry(step);
    hashes.push([step.at, carried.hashed]);
    if (carried.owner) owner.add(carried.owner);
  }
  return { hashes, owner: [...owner] };
}

describe("10,000 addresses against one account", () => {
  for (const [name, steps] of attacksOnOneAccount()) {
    test(`${name}: at most 10 guesses in any 15 minutes, 100 in any 24 hours, and the owner signs in`, async () => {
      const { hashes, owner } = await withstand(steps);
      expect(mostWithin(15 * MINUTE, hashes)).toBeLessThanOrEqual(10);
      expect(mostWithin(24 * 60 * MINUTE, hashes)).toBeLessThanOrEqual(100);
      expect(owner).toEqual(["fulfilled"]);
    });
  }
});

// Beside the bound of unknown devices, 10 and 100, only tokens of the present user and password buy anything: 30 and
// 300, however many there are. Two applications with one secret have a bound each, or one together if they share the
// keys of their limits; their tokens buy nothing at each other in either case.
describe("300 device tokens of one account", () => {
  test.each(HOARDS)(
    "$name: at most $bound.0 guesses in any 15 minutes, $bound.1 in any 24 hours",
    async (hoard) => {
      const target = await makeTokenTarget();
      const hashes: [number, number][] = [];
      for (const step of attackWith(hoard)) hashes.push([step.at, await target.carry(step)]);
      expect(mostWithin(15 * MINUTE, hashes)).toBe(hoard.bound[0]);
      expect(mostWithin(24 * 60 * MINUTE, hashes)).toBe(hoard.bound[1]);
    },
  );
});

describe("one address against 10,000 accounts", () => {
  for (const [name, steps] of attacksOfOneAddress()) {
    test(`${name}: at most 5 guesses in any minute, and an owner signs in`, async () => {
      const { hashes, owner } = await withstand(steps);
      expect(mostWithin(MINUTE, hashes)).toBeLessThanOrEqual(5);
      expect(owner).toEqual(["fulfilled"]);
    });
  }
});
