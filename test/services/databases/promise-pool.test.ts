// Class: a pool of another kind, which never hands over a connection.
import { Kysely, MysqlDialect, type MysqlPool } from "kysely";
import { createPool } from "mysql2/promise";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterEach, expect, test, vi } from "vitest";
import { databaseUnderTest } from "../../support/database-under-test.ts";
import type { AnyKysely, TestDatabase } from "../../support/databases.ts";

afterEach(() => void vi.useRealTimers());

const { ref } = databaseUnderTest as TestDatabase;

function promisePool(): AnyKysely {
  const pool = createPool({ uri: ref.url }) as unknown as MysqlPool;
  return new Kysely({ dialect: new MysqlDialect({ pool }) });
}

test.runIf(ref.kind === "mariadb")(
  "a pool of mysql2/promise is named, by a first call and by a migration",
  async () => {
    const named = expect.stringMatching(/within \d+ ms, and none before\..*mysql2\/promise/);
    const store = kyselyStore(promisePool(), { maxWaitMs: 100 });
    await expect(store.users.findForLogin("ada@example.com")).rejects.toMatchObject({
      code: "unavailable",
      cause: { message: named },
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const migrated = migrate(promisePool()).catch((error) => error);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(await migrated).toMatchObject({ code: "unavailable", message: named });
  },
);
