// Class: a lost race judged by an old snapshot. The levels of an application's sessions are not the library's.
import { Kysely, MysqlDialect, PostgresDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { Pool } from "pg";
import type { AuthStore } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, sampleSession, sampleToken, sampleUser } from "../../../src/testing/store/samples.ts";
import { databaseUnderTest } from "../../support/database-under-test.ts";
import type { AnyKysely, TestDatabase } from "../../support/databases.ts";
import { CALLERS, times } from "../../support/harness.ts";

const database = databaseUnderTest as TestDatabase;
const { kind, url } = database.ref;

/** As many connections as callers: nobody waits for one, everybody for the row. */
function connectAt(level: string): AnyKysely {
  if (kind === "postgres") {
    const options = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`;
    const pool = new Pool({ connectionString: url, max: CALLERS, options });
    pool.on("error", () => {}); // the database goes before its last connection is quite closed
    return new Kysely({ dialect: new PostgresDialect({ pool }) });
  }
  const pool = createPool({ uri: url, connectionLimit: CALLERS });
  pool.on("connection", (connection) => {
    connection.query(`set session transaction isolation level ${level}`);
  });
  return new Kysely({ dialect: new MysqlDialect({ pool }) });
}

describe.each(["read committed", "repeatable read", "serializable"])("with sessions at %s", (level) => {
  let db: AnyKysely;
  let store: AuthStore;

  beforeAll(async () => {
    db = connectAt(level);
    await migrate(db);
    store = kyselyStore(db);
  });
  afterAll(() => db.destroy());

  test("the sessions are at that level", async () => {
    const ofSession =
      kind === "postgres" ? sql`current_setting('default_transaction_isolation')` : sql`@@tx_isolation`;
    const { rows } = await sql<{ level: string }>`select ${ofSession} as level`.execute(db);
    expect(rows[0]?.level.toLowerCase().replace("-", " ")).toBe(level);
  });

  test("of many who migrate at once one does the work, and the others find nothing to do", async () => {
    const options = { tablePrefix: `at_${level.replace(" ", "_")}_` };
    const plans = await Promise.all(times(4, () => migrate(db, options)));
    expect(plans.filter(({ statements }) => statements.length > 0)).toHaveLength(1);
  });

  test("a transaction sees what was committed since it began, and its loser loses without a second run", async () => {
    const user = sampleUser();
    await store.users.create(user);
    let runs = 0;
    const began = Promise.withResolvers<void>();
    const changed = Promise.withResolvers<void>();
    const late = store.transaction(async (tx) => {
      runs += 1;
      const before = await tx.users.find(user.id);
      began.resolve();
      await changed.promise;
      const after = await tx.users.find(user.id);
      return [before?.epoch, after?.epoch, await tx.users.change(user.id, 0, { at: noon(1) })];
    });
    await began.promise;
    expect(await store.users.change(user.id, 0, { at: noon() })).toBe("changed");
    changed.resolve();
    expect(await late).toEqual([0, 1, "stale"]);
    expect(runs).toBe(1);
  });

  test("50 who count up one row are all counted, in transactions and without", async () => {
    const user = sampleUser();
    const tokens = times(2, () => sampleToken({ userId: user.id }));
    await store.users.create(user);
    for (const token of tokens) await store.tokens.issue(token);
    const limit = { max: 1_000, now: noon() };
    const [bare, inside] = tokens as [(typeof tokens)[0], (typeof tokens)[0]];
    const answers = await Promise.all(
      times(CALLERS, () => store.tokens.countAttempt("password_reset", bare.hash, limit)),
    );
    const whole = await Promise.all(
      times(CALLERS, () =>
        store.transaction((tx) => tx.tokens.countAttempt("password_reset", inside.hash, limit)),
      ),
    );
    expect([...answers, ...whole]).toEqual(times(2 * CALLERS, () => true));
    for (const { hash } of tokens) {
      expect((await store.tokens.find("password_reset", hash, noon()))?.attempts).toBe(CALLERS);
    }
  });

  test("of 50 who rotate one session, or consume one token, one wins and nobody fails", async () => {
    const user = sampleUser();
    const session = sampleSession({ userId: user.id });
    const token = sampleToken({ userId: user.id });
    await store.users.create(user);
    await store.sessions.create(session);
    await store.tokens.issue(token);
    const next = { refreshedAt: noon(1), idleExpiresAt: noon(9_000), ip: null, userAgent: null };
    const rotated = await Promise.all(times(CALLERS, () => store.sessions.rotate(session.id, 0, next)));
    const consumed = await Promise.all(
      times(CALLERS, () => store.tokens.consume("password_reset", token.hash, noon())),
    );
    expect([rotated.filter(Boolean).length, consumed.filter(Boolean).length]).toEqual([1, 1]);
  });
});
