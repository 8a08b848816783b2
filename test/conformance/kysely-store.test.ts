// Every promise of the store, over Kysely: on the databases that need no server, or on the one under test.
import { sql } from "kysely";
import { kyselyStore, migrate } from "sallyport/kysely";
import { storeSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { databaseUnderTest } from "../support/database-under-test.ts";
import { createDatabase, NEEDS_NO_SERVER, type TestDatabase } from "../support/databases.ts";

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
      // Whatever else there is belongs to a user.
      for (const table of ["auth_events", "auth_users"]) {
        await sql`delete from ${sql.table(table)}`.execute(database.db);
      }
      return kyselyStore(database.db);
    },
  });
});
