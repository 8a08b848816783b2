// G4: a rule holds over all instances.
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAll, forkAll, tellAll } from "../processes/callers.ts";
import type { CallerOrder, Message, Outcome } from "./caller.ts";
import { describeOnEach } from "./servers.ts";

const SCRIPT = fileURLToPath(new URL("caller.ts", import.meta.url));
const PROCESSES = 3;
const ATTEMPTS = 200;
const HOUR = 3_600_000;
const ROUNDS = [1, 2, 3, 4];

describeOnEach("three processes share one limiter", ({ ref, freshPrefix, exact }) => {
  let processes: readonly ChildProcess[] = [];
  beforeAll(async () => {
    processes = await forkAll(SCRIPT, PROCESSES);
    await tellAll<Message>(processes, () => ({ open: ref() }));
  });
  afterAll(() => endAll(processes));

  /** All at once: as evenly over the processes as can be. */
  const race = async (order: CallerOrder): Promise<Outcome> => {
    const { attempts = 0, refunds = 0 } = order;
    const answers = await tellAll<Message>(processes, (index) => ({
      ...order,
      attempts: shareOf(attempts, index),
      refunds: shareOf(refunds, index),
    }));
    const sum: Record<string, number> = {};
    for (const outcome of answers as Outcome[])
      for (const [end, count] of Object.entries(outcome)) sum[end] = (sum[end] ?? 0) + count;
    return sum;
  };

  for (const points of [5, 100]) {
    test.for(ROUNDS)(`of 200 attempts at once exactly ${points} pass, round %i`, async () => {
      const order = { prefix: freshPrefix(), key: "key", rule: { points, windowMs: HOUR } };
      const outcome = await race({ ...order, attempts: ATTEMPTS });
      expect(outcome).toEqual({ allowed: points, refused: ATTEMPTS - points });
    });
  }

  test.for(ROUNDS)(
    "of 200 attempts at several keys exactly 50 pass the one they share, round %i",
    async () => {
      const order = {
        prefix: freshPrefix(),
        key: "key",
        rule: { points: 50, windowMs: HOUR },
        amongOthers: true,
      };
      // On Redis the first calls count one at a time, and the later ones in one script: both meet in this key.
      const outcomes = [await race({ ...order, attempts: 30 }), await race({ ...order, attempts: 170 })];
      expect(outcomes).toEqual([{ allowed: 30 }, { allowed: 20, refused: 150 }]);
    },
  );

  test.for(ROUNDS)("for every point given back exactly one more attempt passes, round %i", async () => {
    const order = { prefix: freshPrefix(), key: "key", rule: { points: 100, windowMs: HOUR } };
    expect(await race({ ...order, attempts: 60 })).toEqual({ allowed: 60 });
    expect(await race({ ...order, refunds: 30 })).toEqual({ refunded: 30 });
    expect(await race({ ...order, attempts: ATTEMPTS })).toEqual({ allowed: 70, refused: 130 });
  });

  test.for(ROUNDS)(
    "points that come back among attempts let no more than as many pass, round %i",
    async () => {
      const order = { prefix: freshPrefix(), key: "key", rule: { points: 100, windowMs: HOUR } };
      expect(await race({ ...order, attempts: 60 })).toEqual({ allowed: 60 });
      const among = await race({ ...order, attempts: ATTEMPTS, refunds: 30 });
      const after = await race({ ...order, attempts: ATTEMPTS });
      const passed = (among["allowed"] ?? 0) + (after["allowed"] ?? 0);
      // In fixed windows a refused attempt is counted like any other: what comes back later finds its place taken.
      if (exact) expect(passed).toBe(70);
      else expect(passed).toBeLessThanOrEqual(70);
    },
  );
});

function shareOf(total: number, index: number): number {
  return Math.floor((total + index) / PROCESSES);
}
