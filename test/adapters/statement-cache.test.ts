import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { MAX_CACHED_STATEMENTS, statementCache } from "../../src/adapters/sqlite/statement-cache.ts";

test("a statement is compiled once and knows whether it returns rows", () => {
  const statementOf = statementCache(new DatabaseSync(":memory:"));
  expect(statementOf("select 1 as one")).toBe(statementOf("select 1 as one"));
  expect(statementOf("select 1 as one").returnsRows).toBe(true);
  expect(statementOf("create table t (a)").returnsRows).toBe(false);
});

test("any number of texts leaves a bounded number of statements, the latest used among them", () => {
  const db = new DatabaseSync(":memory:");
  let compiled = 0;
  const prepare: DatabaseSync["prepare"] = (sql) => {
    compiled++;
    return db.prepare(sql);
  };
  const statementOf = statementCache({ prepare });
  const kept = statementOf("select 'kept'");
  const texts = Array.from({ length: 3 * MAX_CACHED_STATEMENTS }, (_, text) => `select ${text}`);
  for (const text of texts) {
    statementOf(text);
    expect(statementOf("select 'kept'")).toBe(kept);
  }
  compiled = 0;
  for (const text of texts.toReversed()) statementOf(text);
  const found = texts.length - compiled;
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThan(MAX_CACHED_STATEMENTS);
});
