// G4: what InnoDB rolls back was not counted, and did not pass.
import { setTimeout as pause } from "node:timers/promises";
import { createPool } from "mysql2";
import { RateLimiterMySQL } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../support/databases.ts";
import { times } from "../../support/harness.ts";
import { reachable } from "../../support/required-services.ts";

const rule = { points: 20, windowMs: 3_600_000 };
const CALLERS = 50;

describe.for(reachable(["mariadb"]))("on %s", (kind) => {
  test("attempts that lose a row's lock do not pass; tried again, exactly the rule's number does", async () => {
    const database = await createDatabase(kind);
    onTestFinished(() => database.drop());
    const pool = createPool({ uri: database.ref.url, connectionLimit: CALLERS });
    onTestFinished(() => pool.promise().end());
    // Nobody waits for a lock: whoever comes second is rolled back, as in a deadlock.
    pool.on("connection", (connection) => connection.query("set innodb_lock_wait_timeout = 0"));
    const dbName = new URL(database.ref.url).pathname.slice(1);
    const limiter = flexibleRateLimiter(RateLimiterMySQL, { storeClient: pool, dbName, tableName: "limits" });
    let rolledBack = 0;
    const attempt = async (): Promise<boolean> => {
      for (;;) {
        try {
          return (await limiter.consume("key", rule)).allowed;
        } catch (error) {
          rolledBack++;
          expect(String((error as Error).cause ?? error)).toMatch(/Lock wait timeout|changed since/);
          await pause(50);
        }
      }
    };

    const answers = await Promise.all(times(CALLERS, attempt));
    expect(answers.filter(Boolean)).toHaveLength(rule.points);
    expect((await limiter.consume("key", rule)).count).toBe(CALLERS + 1);
    expect(rolledBack).toBeGreaterThan(0);
  });
});
