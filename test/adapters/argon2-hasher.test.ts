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

test("a stored hash that was cut, at any length, matches no password and is reported each time", async () => {
  const reports: unknown[] = [];
  const watched = argon2Hasher({ memoryKiB: 64, passes: 2 }, (problem) => reports.push(problem));
  // A digest whose cut to 16 bytes leaves bits over, as 15 of 16 digests do.
  const stored =
    "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$q2uJd0pQ9o3u1a7Zf8m4n5b6v7c8x9z0y1w2e3r4t5Y";
  for (let length = 0; length < stored.length; length++) {
    expect([length, await watched.verify(stored.slice(0, length), "Correct1horse")]).toEqual([length, false]);
    expect(reports).toHaveLength(length + 1);
  }
  expect(String(reports[0])).toContain("A stored password hash cannot be read");
  expect(await watched.verify(stored, "Correct1horse")).toBe(false);
  expect(reports).toHaveLength(stored.length);
});

test.each([
  ["white space after", (stored: string) => `${stored} `],
  ["a line end after", (stored: string) => `${stored}\n`],
  ["padding", (stored: string) => `${stored}=`],
  ["quotes around", (stored: string) => `"${stored}"`],
  ["another alphabet of base64", (stored: string) => stored.replace(/.{4}$/, "-_-_")],
  ["a changed character", (stored: string) => stored.replace(/.{3}$/, "***")],
  ["the hexadecimal form", (stored: string) => Buffer.from(stored).toString("hex")],
  ["the base64 form", (stored: string) => Buffer.from(stored).toString("base64")],
  ["bytes in place of text", (stored: string) => Buffer.from(stored)],
  ["null", () => null],
  ["a number", () => 5],
  ["a hash of bcrypt", () => "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"],
  ["argon2i", (stored: string) => stored.replace("argon2id", "argon2i")],
])("a stored hash with %s matches no password and is reported", async (_what, damage) => {
  const reports: unknown[] = [];
  const watched = argon2Hasher({ memoryKiB: 64, passes: 2 }, (problem) => reports.push(problem));
  const stored = await watched.hash("Correct1horse");
  expect(await watched.verify(damage(stored) as string, "Correct1horse")).toBe(false);
  expect(reports).toHaveLength(1);
  expect(String(reports[0])).not.toContain(stored.slice(-20));
});
