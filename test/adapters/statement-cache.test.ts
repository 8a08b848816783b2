import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { MAX_CACHED_STATEMENTS, statementCache } from "../../src/adapters/kysely/statement-cache.ts";

test("a statement is compiled once and knows whether it returns rows", () => {
  const cache = statementCache(new DatabaseSync(":memory:"));
  expect(cache.get("select 1 as one")).toBe(cache.get("select 1 as one"));
  expect(cache.get("select 1 as one").returnsRows).toBe(true);
  expect(cache.get("create table t (a)").returnsRows).toBe(false);
});

test("any number of texts leaves a bounded number of statements, the latest used among them", () => {
  const cache = statementCache(new DatabaseSync(":memory:"));
  const kept = cache.get("select 'kept'");
  for (let text = 0; text < 3 * MAX_CACHED_STATEMENTS; text++) {
    cache.get(`select ${text}`);
    expect(cache.get("select 'kept'")).toBe(kept);
  }
  expect(cache.size).toBe(MAX_CACHED_STATEMENTS);
});
