// Which `tx` takes statements of the application, without any server. The databases: test/services/sql-in.test.ts.
import { type AuthStore, memoryStore } from "sallyport";
import { sqlIn } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import { expect, test } from "vitest";
import { sampleUser } from "../../src/testing/store/samples.ts";
import { codeOf, makeAuth } from "../support/harness.ts";

const COUNT = { sql: "select count(*) as n from auth_users" };

test("the hook of a sqliteStore has a transaction, too", async () => {
  const seen: unknown[] = [];
  const { auth } = makeAuth({
    store: sqliteStore(":memory:"),
    hooks: { userCreated: async ({ tx }) => seen.push(await sqlIn(tx, COUNT)) },
  });
  await auth.signup({ email: "ada@example.com", password: "Correct1horse" }, { ip: null });
  expect(seen).toEqual([{ rows: [{ n: 1 }], affected: 0 }]);
});

test("the hook of a memoryStore has none, and says so", async () => {
  const { auth, errors } = makeAuth({
    store: memoryStore(),
    hooks: { userCreated: ({ tx }) => sqlIn(tx, COUNT) },
  });
  const call = auth.signup({ email: "ada@example.com", password: "Correct1horse" }, { ip: null });
  expect(await codeOf(call)).toBe("invalid_configuration");
  expect(String(errors[0])).toMatch(/sqlIn: needs the `tx` of a hook, of a kyselyStore or sqliteStore/);
});

test.each([undefined, null, 7, "tx", {}, sqliteStore(":memory:")])("%o is no transaction", async (tx) => {
  expect(await codeOf(sqlIn(tx as AuthStore, COUNT))).toBe("invalid_configuration");
});

test("the `tx` of another store whose transaction still runs is refused in a hook", async () => {
  const theirs = sqliteStore(":memory:");
  const ours = sqliteStore(":memory:");
  const opened = Promise.withResolvers<AuthStore>();
  const done = Promise.withResolvers<void>();
  const running = theirs.transaction(async (tx) => {
    opened.resolve(tx);
    await done.promise;
    return sqlIn(tx, COUNT);
  });
  const kept = await opened.promise;
  const insert = { sql: "delete from auth_users" };
  expect(await codeOf(ours.transaction(() => sqlIn(kept, insert)))).toBe("internal_error");
  expect(await codeOf(sqlIn(kept, insert))).toBe("internal_error");
  done.resolve();
  expect(await running).toMatchObject({ rows: [{ n: 0 }] });
});

test.each([
  [undefined],
  [null],
  ["select 1"],
  [{}],
  [{ sql: 7 }],
  [{ sql: "select 1", params: "one" }],
  [{ toSQL: () => COUNT }],
  [[]],
  [["select 1", { a: 1 }]],
])("%o is no compiled statement", async (statement) => {
  const store = sqliteStore(":memory:");
  const call = store.transaction(async (tx) => {
    await tx.users.create(sampleUser());
    return sqlIn(tx, statement as never);
  });
  await expect(call).rejects.toThrow(/sqlIn: give a compiled statement/);
});
