// Class: a verb that a wrapper forgets (its failure reads as an answer), or lets through while the store is away.
import { type AuthStore, memoryStore } from "sallyport";
import { unreliableStore } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { failClosedStore } from "../../src/kit/fail-closed.ts";
import { interceptStore } from "../support/intercept-store.ts";

type Room = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

const SOUND = memoryStore();
const ROOMS = Object.entries(SOUND).filter(
  (entry): entry is [keyof AuthStore, object] => typeof entry[1] === "object",
);
const VERBS = ROOMS.flatMap(([room, verbs]) => Object.keys(verbs).map((verb) => ({ room, verb })));

function call(store: AuthStore, room: keyof AuthStore, verb: string): Promise<unknown> {
  return ((store[room] as unknown as Room)[verb] as Room[string])();
}

test("the rooms are those of the port", () => {
  expect(ROOMS.map(([room]) => room)).toEqual([
    "users",
    "credentials",
    "sessions",
    "tokens",
    "proofs",
    "outbox",
    "events",
  ]);
  expect(VERBS.length).toBeGreaterThan(45);
});

describe.each(VERBS)("$room.$verb", ({ room, verb }) => {
  test("fails closed: whatever a store throws is `unavailable`", async () => {
    const cause = new TypeError("the disk is gone");
    const broken = interceptStore(SOUND, () => Promise.reject(cause));
    await expect(call(failClosedStore(broken), room, verb)).rejects.toMatchObject({
      code: "unavailable",
      cause,
    });
  });

  test("is away with an unreliable store", async () => {
    const { store, fail } = unreliableStore(SOUND);
    fail();
    await expect(call(store, room, verb)).rejects.toThrow("The store is away.");
  });
});

test.each(ROOMS)("a store without a verb of %s does not start", (room, verbs) => {
  for (const verb of Object.keys(verbs)) {
    const lacking = { ...SOUND, [room]: { ...verbs, [verb]: undefined } };
    expect(() => failClosedStore(lacking)).toThrow(
      expect.objectContaining({
        code: "invalid_configuration",
        message: expect.stringContaining(`${verb}()`),
      }),
    );
  }
});
