import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { sqliteStore } from "../../src/adapters/sqlite/index.ts";
import { storeSuite } from "../../src/testing/store-suite.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("in a file", () => {
  let files = 0;
  storeSuite({ test, makeStore: () => sqliteStore(join(directory, `${++files}.db`)) });
});

describe("in memory", () => {
  storeSuite({ test, makeStore: () => sqliteStore(":memory:") });
});

describe("under another prefix", () => {
  storeSuite({ test, makeStore: () => sqliteStore(":memory:", { tablePrefix: "acme_login_" }) });
});
