// Class: bounds that hold for who keeps to the windows, and not for who knows where they end.
import { describe, expect, test } from "vitest";
import {
  attacksOfOneAddress,
  attacksOnOneAccount,
  makeTarget,
  mostWithin,
  type Step,
} from "../support/guess-attack.ts";

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

describe("one address against 10,000 accounts", () => {
  for (const [name, steps] of attacksOfOneAddress()) {
    test(`${name}: at most 5 guesses in any minute, and an owner signs in`, async () => {
      const { hashes, owner } = await withstand(steps);
      expect(mostWithin(MINUTE, hashes)).toBeLessThanOrEqual(5);
      expect(owner).toEqual(["fulfilled"]);
    });
  }
});
