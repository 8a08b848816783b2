// Every promise of the store, over Kysely: on the database under test. Without one, on PostgreSQL's dialect, since
// sqlite-store.test.ts asks SQLite's.
import { kyselyStore, migrate } from "sallyport/kysely";
import { storeSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { databaseUnderTest } from "../support/database-under-test.ts";
import { createDatabase, emptyTables, type TestDatabase } from "../support/databases.ts";

const kind = databaseUnderTest?.ref.kind ?? "pglite";

describe(`kyselyStore on ${kind}`, () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = databaseUnderTest ?? (await createDatabase(kind));
    await migrate(database.db);
  });
  afterAll(async () => {
    if (!databaseUnderTest) await database.drop();
  });

  storeSuite({
    test,
    makeStore: async () => {
      await emptyTables(database.db, "auth_");
      return kyselyStore(database.db);
    },
  });
});
