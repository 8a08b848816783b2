import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { sqliteStore } from "../../src/adapters/sqlite/index.ts";
import { sampleSession, sampleUser } from "../../src/testing/store/samples.ts";
import { codeOf } from "../support/harness.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

let files = 0;
let path: string;
beforeEach(() => {
  path = join(directory, `${++files}.db`);
});

test("what was stored is there after closing and opening again", async () => {
  const user = sampleUser();
  const session = sampleSession({ userId: user.id });
  const first = sqliteStore(path);
  await first.users.create(user);
  await first.sessions.create(session);
  await first.close();
  const second = sqliteStore(path);
  expect(await second.sessions.find(session.id)).toEqual({ session, user });
  await second.close();
});

test("an unusable path is refused by name", () => {
  const refusal = { code: "invalid_configuration" };
  for (const path of ["", "  ", undefined, 7, null, "file:auth.db", join(directory, "missing", "auth.db")]) {
    expect(() => sqliteStore(path as string)).toThrow(expect.objectContaining(refusal));
  }
  expect(() => sqliteStore(join(directory, "missing", "auth.db"))).toThrow(/directory/);
});

test("a table prefix that is not a plain name is refused", () => {
  for (const tablePrefix of ["", "Auth_", "auth-", "a b", '"', "1a", "a".repeat(25)]) {
    expect(() => sqliteStore(":memory:", { tablePrefix })).toThrow(/tablePrefix/);
  }
});

test("a Node without node:sqlite is told so in one sentence", () => {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  expect(() => sqliteStore(":memory:")).toThrow(/^sallyport\/sqlite needs Node 22\.16 or newer/);
});

test("a first use that failed is tried again at the next call", async () => {
  writeFileSync(path, "this is no database, but it is long enough to look like one ".repeat(20));
  const store = sqliteStore(path);
  await expect(store.users.create(sampleUser())).rejects.toMatchObject({ code: "unavailable" });
  await expect(store.transaction(async () => 1)).rejects.toMatchObject({ code: "unavailable" });
  rmSync(path);
  expect(await store.users.create(sampleUser())).toBe(true);
  await store.close();
});

test("a table that is in the way is told, nothing is half made, and the next call tries again", async () => {
  const db = new DatabaseSync(path);
  db.exec("create table auth_events (in_the_way)");
  const store = sqliteStore(path);
  await expect(store.users.create(sampleUser())).rejects.toMatchObject({ code: "invalid_configuration" });
  expect(db.prepare("select name from sqlite_master").all()).toEqual([{ name: "auth_events" }]);
  db.exec("drop table auth_events");
  expect(await store.users.create(sampleUser())).toBe(true);
  db.close();
  await store.close();
});

test.each([
  ["that says it works beside this one is used", 2, "fulfilled"],
  ["that does not is refused", 99, "invalid_configuration"],
])("a schema of a newer release %s", async (_which, worksSince, outcome) => {
  const first = sqliteStore(path);
  await first.users.create(sampleUser());
  await first.close();
  const db = new DatabaseSync(path);
  db.exec(`insert into auth_schema (version, works_since) values (99, ${worksSince})`);
  db.close();
  const store = sqliteStore(path);
  expect(await codeOf(store.users.create(sampleUser()))).toBe(outcome);
  await store.close();
});

test("the file is in WAL mode, has exactly the planned indexes, and enforces its foreign keys", async () => {
  const store = sqliteStore(path);
  await store.users.create(sampleUser());
  const db = new DatabaseSync(path);
  expect(db.prepare("pragma journal_mode").get()).toEqual({ journal_mode: "wal" });
  const indexes = db.prepare("select name from sqlite_master where type = 'index' and sql is not null").all();
  expect(indexes.map((index) => index["name"]).sort()).toEqual([
    "auth_credentials_user_kind",
    "auth_email_proofs_email",
    "auth_email_proofs_expires",
    "auth_email_proofs_user",
    "auth_events_pseudonym",
    "auth_events_user",
    "auth_one_time_tokens_expires",
    "auth_one_time_tokens_user",
    "auth_outbox_due",
    "auth_sessions_expires",
    "auth_sessions_revoked",
    "auth_sessions_user_live",
    "auth_users_delete_after",
  ]);
  db.close();
  await store.close();
});

test("who waits for a hanging transaction is refused after two seconds, and the store recovers", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const store = sqliteStore(path);
  const { promise: hanging, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const holder = store.transaction(() => {
    begin();
    return hanging;
  });
  await begun;
  let refusal: unknown;
  const waiting = store.users.create(sampleUser()).catch((error) => {
    refusal = error;
  });
  await vi.advanceTimersByTimeAsync(1_999);
  expect(refusal).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(refusal).toMatchObject({ code: "unavailable" });
  letGo();
  await holder;
  expect(await store.users.create(sampleUser())).toBe(true);
  await store.close();
});

test("closing does not wait for ever for a hanging transaction, which is rolled back", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const store = sqliteStore(path);
  const { promise: hanging, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: written, resolve: wrote } = Promise.withResolvers<void>();
  const user = sampleUser();
  const holder = store.transaction(async (tx) => {
    await tx.users.create(user);
    wrote();
    await hanging;
  });
  await written;
  const refused = expect(holder).rejects.toMatchObject({ code: "unavailable" });
  const closed = store.close();
  await vi.advanceTimersByTimeAsync(2_000);
  await closed;
  letGo();
  await refused;
  const again = sqliteStore(path);
  expect(await again.users.find(user.id)).toBeNull();
  await again.close();
});
