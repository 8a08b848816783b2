import { hash } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { argon2Hasher } from "../../src/adapters/argon2/argon2-hasher.ts";

const hasher = argon2Hasher({ memoryKiB: 64, passes: 2 });

test("a hash is a PHC string with its parameters, and verifies its password only", async () => {
  const stored = await hasher.hash("Correct1horse");
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await hasher.hash("Correct1horse")).not.toBe(stored);
  expect(await hasher.verify(stored, "Correct1horse")).toBe(true);
  expect(await hasher.verify(stored, "Correct1horsf")).toBe(false);
  expect(await hasher.verify(stored, "")).toBe(false);
});

test("hashes of other tools verify within the caps, and not beyond", async () => {
  const lanes = (parallelism: number) => hash("Correct1horse", { memoryCost: 256, timeCost: 1, parallelism });
  expect(await hasher.verify(await lanes(4), "Correct1horse")).toBe(true);
  expect(await hasher.verify(await lanes(17), "Correct1horse")).toBe(false);
});

test("every other parameter asks for a new hash, in either direction", async () => {
  expect(hasher.needsRehash(await hasher.hash("x"))).toBe(false);
  for (const cost of [
    { memoryKiB: 64, passes: 1 },
    { memoryKiB: 64, passes: 3 },
    { memoryKiB: 32, passes: 2 },
    { memoryKiB: 128, passes: 2 },
  ]) {
    expect(hasher.needsRehash(await argon2Hasher(cost).hash("x"))).toBe(true);
  }
  expect(hasher.needsRehash("unreadable")).toBe(true);
});
