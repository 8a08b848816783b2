import Database from "better-sqlite3";
import { RateLimiterSQLite } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { rateLimiterSuite } from "sallyport/testing";
import { afterAll, describe, test } from "vitest";

describe("RateLimiterSQLite", () => {
  const databases: Database.Database[] = [];
  afterAll(() => {
    for (const database of databases) database.close();
  });

  rateLimiterSuite({
    test,
    makeLimiter: () => {
      const database = new Database(":memory:");
      databases.push(database);
      const options = { storeClient: database, storeType: "better-sqlite3", tableName: "limits" };
      return {
        limiter: flexibleRateLimiter(RateLimiterSQLite, options),
        advance: (ms) => void database.prepare("update limits set expire = expire - ?").run(ms),
      };
    },
  });
});
