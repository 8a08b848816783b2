import { expect, test } from "vitest";
import { fifoLock } from "../../src/adapters/shared/fifo-lock.ts";

test("a free lock is had at once, and a held one in the order of asking", async () => {
  const lock = fifoLock();
  expect(lock.acquire()).toBeUndefined();
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (caller) => {
    await lock.acquire();
    order.push(caller);
    lock.release();
  });
  expect(order).toEqual([]);
  lock.release();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
  expect(lock.acquire()).toBeUndefined();
});

test("who waits too long is refused, and does not get the lock later", async () => {
  const lock = fifoLock(20);
  expect(lock.acquire()).toBeUndefined();
  await expect(lock.acquire()).rejects.toMatchObject({ code: "unavailable" });
  lock.release();
  expect(lock.acquire()).toBeUndefined();
});
