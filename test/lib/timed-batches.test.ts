// Class: a purge whose statement locks rows for as long as the table is slow, while logins wait.
import { expect, test } from "vitest";
import { timedBatches } from "../../src/lib/timed-batches.ts";

/** Deletes from a table with so many dead rows, and tells how many it was asked for each time. */
function tableOf(rows: number, costOf: (batch: number) => number) {
  let elapsed = 1_000;
  let left = rows;
  const asked: number[] = [];
  const deleteSome = async (batch: number): Promise<number> => {
    asked.push(batch);
    elapsed += costOf(batch);
    const count = Math.min(batch, left);
    left -= count;
    return count;
  };
  return { batches: timedBatches(() => elapsed), deleteSome, asked };
}

test("batches begin small, and double while they are quick, up to a bound", async () => {
  const { batches, deleteSome, asked } = tableOf(9_999, (batch) => batch / 1_000);
  expect(await batches(2_000, deleteSome)).toBe(2_000);
  expect(asked).toEqual([25, 50, 100, 200, 400, 500, 500, 225]);
});

test("a batch takes about 20 ms, whatever a row costs", async () => {
  const { batches, deleteSome, asked } = tableOf(9_999, (batch) => batch * 0.25);
  expect(await batches(500, deleteSome)).toBe(500);
  expect(asked).toEqual([25, 50, 80, 80, 80, 80, 80, 25]);
});

test("after slow batches they shrink, but not below a bound", async () => {
  let ms = 0.05;
  const { batches, deleteSome, asked } = tableOf(99_999, (batch) => batch * ms);
  await batches(1_175, deleteSome);
  expect(asked.at(-1)).toBe(400);
  ms = 1;
  asked.length = 0;
  await batches(700, deleteSome);
  expect(asked.slice(0, 4)).toEqual([400, 100, 25, 25]);
});

test("a size lasts from one call to the next, and what is not a whole batch says nothing about it", async () => {
  const { batches, deleteSome, asked } = tableOf(1_035, () => 20);
  for (const limit of [10, 25, 1_000]) await batches(limit, deleteSome);
  expect(new Set(asked.slice(0, 40))).toEqual(new Set([10, 25]));
  const quick = tableOf(130, () => 0);
  expect(await quick.batches(60, quick.deleteSome)).toBe(60);
  expect(await quick.batches(500, quick.deleteSome)).toBe(70);
  expect(await quick.batches(500, quick.deleteSome)).toBe(0);
  expect(quick.asked).toEqual([25, 35, 50, 100, 100]);
});
