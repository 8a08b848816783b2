// Class: an event loop that starves. Calls that settle at once let only other promises run.
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { type AuthStore, memoryStore } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import { expect, test } from "vitest";
import { newId } from "../../src/testing/store/samples.ts";
import { CLIENT, EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";

/** Far more calls than the time of the timer needs. */
const MANY = 300_000;

async function betterSqlite(): Promise<AuthStore> {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(":memory:") }) });
  await migrate(db);
  return kyselyStore(db);
}

const STORES: Readonly<Record<string, () => AuthStore | Promise<AuthStore>>> = {
  memory: memoryStore,
  SQLite: () => sqliteStore(":memory:"),
  "better-sqlite3": betterSqlite,
};

/** Whether a timer fires while so many loops call without a pause. */
async function timerFiresBeside(call: () => Promise<unknown>, loops: number): Promise<boolean> {
  let fired = false;
  const timer = setTimeout(() => {
    fired = true;
  }, 10);
  const loop = async (): Promise<void> => {
    for (let count = 0; count < MANY / loops && !fired; count++) await call();
  };
  await Promise.all(Array.from({ length: loops }, loop));
  clearTimeout(timer);
  return fired;
}

test.each(Object.entries(STORES))("a timer fires beside loops of calls of %s", async (_name, makeStore) => {
  const store = await makeStore();
  const id = newId<never>();
  for (const loops of [1, 3]) {
    expect(await timerFiresBeside(() => store.sessions.find(id), loops)).toBe(true);
  }
  await store.close();
});

test.each(Object.entries(STORES))("a timer fires beside transactions of %s", async (_name, makeStore) => {
  const store = await makeStore();
  const id = newId<never>();
  expect(await timerFiresBeside(() => store.transaction((tx) => tx.users.find(id)), 1)).toBe(true);
  await store.close();
});

test.each(["always", { atMostEvery: "5s" }, "never"] as const)(
  "a timer fires beside a loop of verifyToken with session.check %o",
  async (check) => {
    const { auth } = makeAuth({ session: { check } });
    const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    expect(await timerFiresBeside(() => auth.verifyToken(accessToken), 1)).toBe(true);
  },
);
