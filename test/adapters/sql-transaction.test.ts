import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { type Dialect, type Driver, Kysely } from "kysely";
import { expect, test } from "vitest";
import { directAccess } from "../../src/adapters/kysely/access.ts";
import { sqliteDialect } from "../../src/adapters/kysely/dialects/sqlite.ts";
import { migrateSchema } from "../../src/adapters/kysely/migrator.ts";
import type { SqlDialect } from "../../src/adapters/kysely/sql-dialect.ts";
import { sqlStore } from "../../src/adapters/kysely/store.ts";
import { type Tables, tableNames } from "../../src/adapters/kysely/tables.ts";
import { dialectOver } from "../../src/adapters/sqlite/dialect.ts";
import { isAuthError } from "../../src/errors.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import { newId, sampleEvent, sampleSession, sampleUser } from "../../src/testing/store/samples.ts";

const MISSING_USER = 787; // SQLITE_CONSTRAINT_FOREIGNKEY: easy to provoke, and here declared worth a retry

const retrying: SqlDialect = {
  ...sqliteDialect,
  isRetryable: (error) => (error as { errcode?: number }).errcode === MISSING_USER,
};

const inMemory = dialectOver(() => new DatabaseSync(":memory:"));

function storeWith(dialect: SqlDialect, driver: Dialect = inMemory): AuthStore {
  const db = new Kysely<Tables>({ dialect: driver });
  return sqlStore({
    db,
    names: tableNames({}),
    dialect,
    access: directAccess(db),
    prepareTables: async (schema) => void (await migrateSchema(schema)),
    close: () => db.destroy(),
  });
}

test("the whole work is run again when the database gives up on it, and counts once", async () => {
  const store = storeWith(retrying);
  const user = sampleUser();
  let runs = 0;
  await store.transaction(async (tx) => {
    runs++;
    await tx.users.create(user);
    await tx.events.append([sampleEvent({ userId: user.id })]);
    if (runs < 3) await tx.sessions.create(sampleSession({ userId: newId() }));
  });
  expect(runs).toBe(3);
  expect(await store.events.list({ userId: user.id, limit: 10 })).toHaveLength(1);
  await store.close();
});

test("work is run again also when it hid the database's error behind its own", async () => {
  const store = storeWith(retrying);
  let runs = 0;
  await store.transaction(async (tx) => {
    if (++runs === 2) return;
    await tx.sessions.create(sampleSession({ userId: newId() })).catch(() => {
      throw new TypeError("something else");
    });
  });
  expect(runs).toBe(2);
  await store.close();
});

test("an application's own statement that gave up three times is an outage, told without values", async () => {
  const store = storeWith(retrying);
  const locked = Object.assign(new TypeError("quotes a value"), { errcode: MISSING_USER });
  const hopeless = store.transaction(async () => {
    throw locked;
  });
  await expect(hopeless).rejects.toMatchObject({ code: "unavailable" });
  await store.close();
});

test("the third failure is the last", async () => {
  const store = storeWith(retrying);
  let runs = 0;
  const hopeless = store.transaction(async (tx) => {
    runs++;
    await tx.sessions.create(sampleSession({ userId: newId() }));
  });
  await expect(hopeless).rejects.toMatchObject({ code: "unavailable", cause: { errcode: MISSING_USER } });
  expect(runs).toBe(3);
  expect(await store.users.create(sampleUser())).toBe(true);
  await store.close();
});

test("work that throws its own error is not run again", async () => {
  const store = storeWith(retrying);
  let runs = 0;
  const failing = store.transaction(async () => {
    runs++;
    throw new TypeError("mine");
  });
  await expect(failing).rejects.toThrow(new TypeError("mine"));
  expect(runs).toBe(1);
  await store.close();
});

/** Like a database behind a network: a statement takes longer than it takes to ask for the commit. */
function slowDriver(): Driver {
  const driver = inMemory.createDriver();
  return {
    ...driver,
    acquireConnection: async () => {
      const connection = await driver.acquireConnection();
      return {
        ...connection,
        executeQuery: async (query) => {
          await pause(5);
          return connection.executeQuery(query);
        },
      };
    },
  };
}

test("a verb that the work did not await is part of the transaction all the same", async () => {
  const store = storeWith(sqliteDialect, { ...inMemory, createDriver: slowDriver });
  const [kept, undone] = [sampleUser(), sampleUser()];
  let careless: Promise<boolean> | undefined;
  await store.transaction(async (tx) => {
    careless = tx.users.create(kept);
  });
  expect(await careless).toBe(true);
  const failing = store.transaction(async (tx) => {
    careless = tx.users.create(undone);
    throw new TypeError("mine");
  });
  await expect(failing).rejects.toThrow(TypeError);
  expect(await careless).toBe(true);
  expect(await store.users.find(kept.id)).toEqual(kept);
  expect(await store.users.find(undone.id)).toBeNull();
  await store.close();
});

test("a driver's error reaches the operator as the cause, without the values", async () => {
  const store = storeWith(sqliteDialect);
  const user = sampleUser();
  await store.users.create(user);
  const session = sampleSession({ userId: user.id, userAgent: "secret-agent" });
  await store.sessions.create(session);
  const error = await store.sessions.create(session).catch((e) => e);
  expect(isAuthError(error)).toBe(true);
  expect(error.cause.message).toMatch(/UNIQUE constraint failed: auth_sessions\.id/);
  const told = JSON.stringify([error, error.cause, error.message, error.cause.message, error.stack]);
  expect(told).not.toMatch(/secret-agent/);
  await store.close();
});
