// G4: what InnoDB rolls back was not counted, and did not pass.
import { setTimeout as pause } from "node:timers/promises";
import { createPool, type Pool } from "mysql2";
import { RateLimiterMySQL } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../support/databases.ts";
import { times } from "../../support/harness.ts";
import { reachable } from "../../support/required-services.ts";

const rule = { points: 20, windowMs: 3_600_000 };
/** As many attempts are under way: more would wait for the server, where the bound of a call runs on. */
const AT_ONCE = 10;
const EACH = 5;

describe.for(reachable(["mariadb"]))("on %s", (kind) => {
  test("attempts that lose a row's lock do not pass; tried again, exactly the rule's number does", async () => {
    const database = await createDatabase(kind);
    onTestFinished(() => database.drop());
    const pool = createPool({ uri: database.ref.url, connectionLimit: AT_ONCE });
    onTestFinished(() => pool.promise().end());
    // Nobody waits for a lock: whoever comes second is rolled back, as in a deadlock.
    pool.on("connection", (connection) => connection.query("set innodb_lock_wait_timeout = 0"));
    const dbName = new URL(database.ref.url).pathname.slice(1);
    const backend = { storeClient: pool, dbName, tableName: "limits" };
    const limiter = flexibleRateLimiter(RateLimiterMySQL, backend, { timeoutMs: 1500 });
    await limiter.refund("another key", rule); // makes the table
    await openAll(pool); // what waits for its connection loses no lock
    let rolledBack = 0;
    const attempt = async (): Promise<boolean> => {
      for (;;) {
        try {
          return (await limiter.consume("key", rule)).allowed;
        } catch (error) {
          rolledBack++;
          expect(String((error as Error).cause ?? error)).toMatch(/Lock wait timeout|changed since/);
          await pause(10);
        }
      }
    };

    const inTurn = async (): Promise<boolean[]> => {
      const answers: boolean[] = [];
      while (answers.length < EACH) answers.push(await attempt());
      return answers;
    };
    const answers = await Promise.all(times(AT_ONCE, inTurn));
    expect(answers.flat().filter(Boolean)).toHaveLength(rule.points);
    expect((await limiter.consume("key", rule)).count).toBe(AT_ONCE * EACH + 1);
    expect(rolledBack).toBeGreaterThan(0);
  });
});

async function openAll(pool: Pool): Promise<void> {
  const lent = await Promise.all(times(AT_ONCE, () => pool.promise().getConnection()));
  for (const connection of lent) connection.release();
}
