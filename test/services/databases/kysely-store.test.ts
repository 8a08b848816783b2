// Every promise of the store, over Kysely, on the database under test.
import { kyselyStore, migrate } from "sallyport/kysely";
import { storeSuite } from "sallyport/testing";
import { beforeAll, describe, test } from "vitest";
import { databaseUnderTest } from "../../support/database-under-test.ts";
import { emptyTables, type TestDatabase } from "../../support/databases.ts";

const { db, ref } = databaseUnderTest as TestDatabase;

describe(`kyselyStore on ${ref.kind}`, () => {
  beforeAll(() => migrate(db));

  storeSuite({
    test,
    makeStore: async () => {
      await emptyTables(db, "auth_");
      return kyselyStore(db);
    },
  });
});
