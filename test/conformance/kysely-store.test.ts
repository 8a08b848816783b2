// Every promise of the store, over Kysely: on the databases that need no server, or on the one under test.
import { kyselyStore, migrate } from "sallyport/kysely";
import { storeSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { databaseUnderTest } from "../support/database-under-test.ts";
import { createDatabase, emptyTables, type TestDatabase } from "../support/databases.ts";
import { NEEDS_NO_SERVER } from "../support/services.ts";

const kinds = databaseUnderTest ? [databaseUnderTest.ref.kind] : NEEDS_NO_SERVER;

describe.each(kinds)("kyselyStore on %s", (kind) => {
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
