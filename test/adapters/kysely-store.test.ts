// Class: pooled connections that come back inside somebody else's transaction.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CamelCasePlugin, type CompiledQuery, type Dialect, type Driver, Kysely } from "kysely";
import { type KyselyStoreOptions, kyselyStore, migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noon, sampleUser } from "../../src/testing/store/samples.ts";
import { codeOf } from "../support/harness.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-"));
  path = join(directory, "auth.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A driver that gives up on a step, which the database carries out all the same. */
function impatient(step: "beginTransaction" | "commitTransaction", times: { left: number }): Dialect {
  const dialect = nodeSqliteDialect(path);
  const createDriver = (): Driver => {
    const driver = dialect.createDriver();
    const givingUp: Driver["beginTransaction"] = async (connection, settings) => {
      await driver[step](connection, settings);
      if (times.left-- > 0) throw new TypeError("Query read timeout");
    };
    return { ...driver, [step]: givingUp };
  };
  return { ...dialect, createDriver };
}

test.each(["beginTransaction", "commitTransaction"] as const)(
  "a %s that the driver gave up on leaves no transaction open for the next caller",
  async (step) => {
    const times = { left: 0 };
    const db = new Kysely<unknown>({ dialect: impatient(step, times) });
    await migrate(db);
    const store = kyselyStore(db);
    await store.users.create(sampleUser());
    times.left = 1;
    expect(await codeOf(store.transaction((tx) => tx.users.create(sampleUser())))).toBe("unavailable");
    const user = sampleUser();
    expect(await store.users.create(user)).toBe(true);
    const elsewhere = new Kysely<unknown>({ dialect: nodeSqliteDialect(path) });
    expect(await kyselyStore(elsewhere).users.find(user.id)).toEqual(user);
    await Promise.all([db.destroy(), elsewhere.destroy()]);
  },
);

/** A database that asks once to run the statement again, and notes where each one ran. */
function refusingOnce(pattern: RegExp, ran: string[]): Dialect {
  const dialect = nodeSqliteDialect(path);
  let open = false;
  const createDriver = (): Driver => {
    const driver = dialect.createDriver();
    return {
      ...driver,
      acquireConnection: async () => {
        const connection = await driver.acquireConnection();
        const executeQuery = async <Row>(query: CompiledQuery) => {
          if (!pattern.test(query.sql)) return connection.executeQuery<Row>(query);
          ran.push(open ? "in a transaction" : "alone");
          if (ran.length === 1) throw Object.assign(new TypeError("busy"), { errcode: 5 });
          return connection.executeQuery<Row>(query);
        };
        return { ...connection, executeQuery };
      },
      beginTransaction: async (...args) => {
        await driver.beginTransaction(...args);
        open = true;
      },
      commitTransaction: async (connection) => {
        await driver.commitTransaction(connection);
        open = false;
      },
    };
  };
  return { ...dialect, createDriver };
}

test("a lone statement that was refused runs again in a transaction of ours, untouched by plugins", async () => {
  const ran: string[] = [];
  const dialect = refusingOnce(/^select .*from "auth_users"/, ran);
  const db = new Kysely<unknown>({ dialect, plugins: [new CamelCasePlugin()] });
  await migrate(db);
  const store = kyselyStore(db);
  const user = sampleUser({ lastLoginAt: noon(1) });
  await store.users.create(user);
  expect(await store.users.find(user.id)).toEqual(user);
  expect(ran).toEqual(["alone", "in a transaction"]);
  await db.destroy();
});

test.each<[KyselyStoreOptions | Record<string, unknown>, RegExp]>([
  [{ tablePrefix: "Auth-" }, /^tablePrefix must be/],
  [{ tablePrefix: 'a"; drop table x; --' }, /^tablePrefix must be/],
  [{ schema: "public" }, /^schema: SQLite has no schemas/],
  [{ maxWaitMs: 0 }, /^maxWaitMs must be/],
  [{ maxWaitMs: Number.NaN }, /^maxWaitMs must be/],
  [{ prefix: "acme_" }, /^prefix: no such option/],
])("%o is refused by name", async (options, message) => {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(path) });
  expect(() => kyselyStore(db, options)).toThrow(
    expect.objectContaining({ code: "invalid_configuration", message: expect.stringMatching(message) }),
  );
  await db.destroy();
});

test("what is no Kysely is refused", () => {
  expect(() => kyselyStore({} as never)).toThrow(/needs a Kysely instance/);
});
