import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, expect, test } from "vitest";
import { retryWhileBusy } from "../../src/adapters/sqlite/busy-retry.ts";
import { sqliteStore } from "../../src/adapters/sqlite/index.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import { sampleUser } from "../../src/testing/store/samples.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
let path: string;
beforeEach(() => {
  path = join(directory, `${++files}.db`);
});

async function whileLocked(act: (store: AuthStore) => Promise<unknown>): Promise<void> {
  const store = sqliteStore(path);
  await store.users.create(sampleUser());
  const other = new DatabaseSync(path, { timeout: 0 });
  other.exec("begin immediate");
  let released = false;
  const release = setTimeout(() => {
    released = true;
    other.exec("commit");
  }, 80);
  await act(store);
  expect(released, "the write had to wait for the other connection").toBe(true);
  clearTimeout(release);
  other.close();
  await store.close();
}

test("a write waits for another connection's lock without blocking the process", async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  await whileLocked((store) => store.users.create(sampleUser()));
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(0); // a process that is blocked would not even let go of the lock
});

test("a transaction waits for another connection's lock", async () => {
  await whileLocked((store) => store.transaction((tx) => tx.users.create(sampleUser())));
});

test("a first use waits for another connection's lock", async () => {
  new DatabaseSync(path).close();
  const other = new DatabaseSync(path, { timeout: 0 });
  other.exec("begin exclusive");
  setTimeout(() => other.exec("commit"), 80);
  const store = sqliteStore(path);
  expect(await store.users.create(sampleUser())).toBe(true);
  other.close();
  await store.close();
});

test("waiting for another connection has an end", async () => {
  const [holder, waiter] = [new DatabaseSync(path, { timeout: 0 }), new DatabaseSync(path, { timeout: 0 })];
  holder.exec("create table t (a); begin immediate");
  let tries = 0;
  const step = (): void => {
    tries++;
    waiter.exec("begin immediate");
  };
  await expect(retryWhileBusy(step, 60)).rejects.toMatchObject({
    code: "unavailable",
    cause: { errcode: 5 },
  });
  expect(tries).toBeGreaterThan(2);
  holder.close();
  waiter.close();
});

test("an error that is not about a lock is thrown at once", async () => {
  let tries = 0;
  const step = (): void => {
    tries++;
    new DatabaseSync(":memory:").exec("not sql");
  };
  await expect(retryWhileBusy(step)).rejects.toThrow(/syntax error/);
  expect(tries).toBe(1);
});

test("two stores on one file in one process take turns", async () => {
  const stores = [sqliteStore(path), sqliteStore(path)] as const;
  const emailCanonical = "ada@example.com";
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, caller) =>
      (stores[caller % 2] as AuthStore).transaction((tx) => tx.users.create(sampleUser({ emailCanonical }))),
    ),
  );
  expect(answers.filter(Boolean)).toHaveLength(1);
  await Promise.all(stores.map((store) => store.close()));
});
