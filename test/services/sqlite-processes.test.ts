import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { SCHEMA_VERSION } from "../../src/adapters/kysely/migrations.ts";
import { startProcesses } from "./processes/callers.ts";
import { drainSuite } from "./processes/drain-suite.ts";
import { raceSuite } from "./processes/race-suite.ts";

test("six processes open a new file at once: all succeed, and the schema is made once", async () => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
  const processes = await startProcesses(6);
  for (const round of [1, 2]) {
    const url = join(directory, `new-${round}.db`);
    await processes.open({ database: { kind: "node-sqlite", url }, itself: true }, 2);
    const answers = await processes.race((group) => ({
      verb: "create",
      emailCanonical: `${group}@example.com`,
    }));
    expect(answers.filter((answer) => answer === true)).toHaveLength(6);
    expect(answers.filter((answer) => answer === false)).toHaveLength(6);
    const db = new DatabaseSync(url);
    expect(db.prepare("select max(version) as version from auth_schema").get()).toEqual({
      version: SCHEMA_VERSION,
    });
    expect(db.prepare("select count(*) as users from auth_users").get()).toEqual({ users: 6 });
    db.close();
  }
  await processes.close();
  rmSync(directory, { recursive: true });
});

describe("two processes with 25 callers each, on sqliteStore", () => {
  raceSuite({ kind: "node-sqlite", itself: true });
});

describe("an outbox on sqliteStore", () => drainSuite({ kind: "node-sqlite", itself: true }));

describe("an outbox on node:sqlite", () => drainSuite({ kind: "node-sqlite" }));

describe("two processes with 25 callers each, on node:sqlite", () => raceSuite({ kind: "node-sqlite" }));
