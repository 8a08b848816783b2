import { kyselyStore, migrate } from "sallyport/kysely";
import { storeSuite } from "sallyport/testing";
import { afterAll, describe, test } from "vitest";
import { createDatabase, NEEDS_NO_SERVER, SERVERS, type TestDatabase } from "../support/databases.ts";

const TABLES = ["auth_events", "auth_one_time_tokens", "auth_sessions", "auth_credentials", "auth_users"];
const servers = Object.entries(SERVERS).filter(([, variable]) => process.env[variable]);
const kinds = [...NEEDS_NO_SERVER, ...servers.map(([kind]) => kind as keyof typeof SERVERS)];

describe.each(kinds)("%s", (kind) => {
  let database: Promise<TestDatabase> | undefined;
  afterAll(async () => (await database)?.drop());

  const migrated = async (): Promise<TestDatabase> => {
    const created = await createDatabase(kind);
    await migrate(created.db);
    return created;
  };
  storeSuite({
    test,
    makeStore: async () => {
      database ??= migrated();
      const { db } = await database;
      for (const table of TABLES) await db.deleteFrom(table).execute();
      return kyselyStore(db);
    },
  });
});
