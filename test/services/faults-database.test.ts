import { type Kysely, sql } from "kysely";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addMs } from "../../src/domain/duration.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import {
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../src/testing/store/samples.ts";
import { cutoffsAt } from "../../src/testing/store/support.ts";
import { type AnyKysely, connect, type TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

const UNAVAILABLE = { code: "unavailable" };
const MISCONFIGURED = { code: "invalid_configuration" };

let database: TestDatabase;
/** One connection: its settings are the settings. */
let db: AnyKysely;
let store: AuthStore;

async function start(kind: TestDatabase["ref"]["kind"]): Promise<void> {
  database = await emptyDatabase(kind);
  db = kind === "postgres" || kind === "mariadb" ? connect(database.ref, 1) : database.db;
  await migrate(db);
  store = kyselyStore(db);
}

afterEach(async () => {
  if (db !== database.db) await db.destroy();
  await database.drop();
});

/** A login's transaction for a new user: all of it is there, or nothing. */
async function signUp(): Promise<string> {
  const user = sampleUser();
  await store.transaction(async (tx) => {
    await tx.users.create(user);
    await tx.credentials.add(sampleCredential({ userId: user.id, data: "x".repeat(5_000) }));
    await tx.sessions.create(sampleSession({ userId: user.id }));
    await tx.events.append([sampleEvent({ userId: user.id })]);
  });
  return user.id;
}

/** What a flow that mails stores in one transaction. */
async function ask(): Promise<void> {
  const proof = sampleProof();
  await store.transaction(async (tx) => {
    await tx.proofs.open(proof);
    await tx.outbox.put([sampleMail({ proofId: proof.id })]);
    await tx.events.append([sampleEvent()]);
  });
}

function claim(now: Date): Promise<readonly unknown[]> {
  return store.outbox.claim({
    audience: "sallyport",
    now,
    until: addMs(now, 120_000),
    limit: 5,
    lease: newId(),
  });
}

async function rowsOf(table: string): Promise<number> {
  const { rows } = await db
    .selectFrom(`auth_${table}`)
    .select(({ fn }) => fn.countAll().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

/** As many sessions, credentials and events as users. */
async function expectNothingHalf(): Promise<void> {
  const users = await rowsOf("users");
  const others = await Promise.all(["credentials", "sessions", "events"].map(rowsOf));
  expect(others).toEqual([users, users, users]);
}

describe.for(reachable())("%s", (kind) => {
  beforeEach(() => start(kind));

  test("lost a table after the first use: unavailable, nothing half done, and mended by its return", async () => {
    await signUp();
    await sql`alter table auth_events rename to away`.execute(db);
    await expect(signUp()).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.events.append([sampleEvent()])).rejects.toMatchObject(UNAVAILABLE);
    await sql`alter table away rename to auth_events`.execute(db);
    await signUp();
    await expectNothingHalf();
  });

  test("lost the outbox: no proof and no event is kept without its mail", async () => {
    await ask();
    await sql`alter table auth_outbox rename to away`.execute(db);
    await expect(ask()).rejects.toMatchObject(UNAVAILABLE);
    await expect(claim(noon())).rejects.toMatchObject(UNAVAILABLE);
    await sql`alter table away rename to auth_outbox`.execute(db);
    await ask();
    expect(await Promise.all(["email_proofs", "outbox", "events"].map(rowsOf))).toEqual([2, 2, 2]);
  });

  test.for([-1, 1])("has a clock %i hour off: only the application's counts", async (hours) => {
    const now = addMs(new Date(), hours * 3_600_000);
    const [before, after] = [addMs(now, -1), addMs(now, 1)];
    const { id: userId } = await addUser();
    const token = sampleToken({ userId, createdAt: before, expiresAt: after });
    await store.tokens.issue(token);
    expect(await store.tokens.countAttempt(token.purpose, token.hash, { max: 5, now: after })).toBe(false);
    expect(await store.tokens.countAttempt(token.purpose, token.hash, { max: 5, now })).toBe(true);
    expect(await store.tokens.consume(token.purpose, token.hash, after)).toBeNull();
    expect(await store.tokens.consume(token.purpose, token.hash, now)).not.toBeNull();

    const session = sampleSession({ userId, createdAt: before, idleExpiresAt: after, expiresAt: after });
    await store.sessions.create(session);
    const next = { idleExpiresAt: after, ip: null, userAgent: null };
    expect(await store.sessions.rotate(session.id, 0, { ...next, refreshedAt: after })).toBe(false);
    expect(await store.sessions.rotate(session.id, 0, { ...next, refreshedAt: now })).toBe(true);
    expect(await store.sessions.listLive(userId, now, 10)).toHaveLength(1);
    expect(await store.sessions.listLive(userId, after, 10)).toEqual([]);
    const proof = sampleProof({ createdAt: before, expiresAt: after });
    await store.proofs.open(proof);
    expect(await store.proofs.take(proof.id, after)).toBe(false);
    expect(await store.proofs.take(proof.id, now)).toBe(true);
    await store.outbox.put([sampleMail({ createdAt: before, dueAt: now })]);
    expect(await claim(before)).toEqual([]);
    expect(await claim(now)).toHaveLength(1);

    const cutoffs = cutoffsAt(now, { endedSessionsBefore: after });
    expect(await store.purge(cutoffs, 10)).toEqual({ deleted: 0, more: false });
    const later = { ...cutoffs, endedSessionsBefore: addMs(after, 1) };
    expect(await store.purge(later, 10)).toEqual({ deleted: 1, more: false });
  });
});

async function addUser() {
  const user = sampleUser();
  expect(await store.users.create(user)).toBe(true);
  return user;
}

/** How each database is told to refuse writes on its connection, and to take them again. */
const READ_ONLY = {
  postgres: ["set default_transaction_read_only = on", "set default_transaction_read_only = off"],
  pglite: ["set default_transaction_read_only = on", "set default_transaction_read_only = off"],
  mariadb: ["set session transaction read only", "set session transaction read write"],
  "node-sqlite": ["pragma query_only = on", "pragma query_only = off"],
  "better-sqlite3": ["pragma query_only = on", "pragma query_only = off"],
} as const;

describe.for(reachable())("a read-only %s", (kind) => {
  beforeEach(() => start(kind));

  test("answers reads, refuses writes as unavailable, and takes them again later", async () => {
    const user = await addUser();
    await signUp();
    const [off, on] = READ_ONLY[kind];
    await sql.raw(off).execute(db);
    expect(await store.users.find(user.id)).toEqual(user);
    await expect(store.users.create(sampleUser())).rejects.toMatchObject(UNAVAILABLE);
    await expect(signUp()).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.users.remove(user.id, "gone")).rejects.toMatchObject(UNAVAILABLE);
    await sql.raw(on).execute(db);
    expect(await rowsOf("users")).toBe(2);
    await signUp();
  });
});

describe.for(reachable(["mariadb"]))("%s", (kind) => {
  beforeEach(() => start(kind));

  test("with a user who may only read: unavailable, until it may write", async () => {
    const name = newId<string>().slice(-12);
    const account = sql`${name}@'%'`;
    const url = Object.assign(new URL(database.ref.url), { username: name, password: "only a test" });
    const schema = sql.id(url.pathname.slice(1));
    await sql`create user ${account} identified by 'only a test'`.execute(db);
    await sql`grant select on ${schema}.* to ${account}`.execute(db);
    const theirs = connect({ kind, url: url.href }, 1);
    const limited = kyselyStore(theirs);
    await expect(limited.users.create(sampleUser())).rejects.toMatchObject(UNAVAILABLE);
    await sql`grant insert on ${schema}.auth_users to ${account}`.execute(db);
    expect(await limited.users.create(sampleUser())).toBe(true);
    await theirs.destroy();
    await sql`drop user ${account}`.execute(db);
  });

  test("without autocommit it is not used: what it answers would be undone later", async () => {
    await expectMisconfigured(sql`set autocommit = 0`, "autocommit");
    await sql`set autocommit = 1`.execute(db);
    await signUp();
  });

  test.for([
    ["", "STRICT_TRANS_TABLES"],
    ["STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES", "NO_BACKSLASH_ESCAPES"],
  ])("with sql_mode '%s' it is not used: the error names %s", async ([mode = "", named = ""]) => {
    await expectMisconfigured(sql`set sql_mode = ${mode}`, named);
    await sql`set sql_mode = 'STRICT_ALL_TABLES'`.execute(db);
    await signUp();
  });
});

describe.for(["node-sqlite", "better-sqlite3"] as const)("%s", (kind) => {
  beforeEach(() => start(kind));

  test("without foreign keys it is not used", async () => {
    await expectMisconfigured(sql`pragma foreign_keys = off`, "foreign_keys");
    await sql`pragma foreign_keys = on`.execute(db);
    await signUp();
  });

  test("with a full disk: unavailable, nothing half written, and works again with room", async () => {
    await signUp();
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 20)}`.execute(db);
    const answers: unknown[] = [];
    for (let call = 0; call < 30; call++) answers.push(await signUp().catch((error) => error.code));
    expect(answers.slice(-5)).toEqual(Array(5).fill("unavailable"));
    await expectNothingHalf();
    await sql`pragma max_page_count = 100000`.execute(db);
    await signUp();
    await expectNothingHalf();
  });
});

/** The setting is found at the first use of a store, and each time until it is mended. */
async function expectMisconfigured(setting: ReturnType<typeof sql>, named: string): Promise<void> {
  await setting.execute(db as Kysely<unknown>);
  store = kyselyStore(db);
  for (const call of [signUp, addUser]) {
    await expect(call()).rejects.toMatchObject({ ...MISCONFIGURED, message: expect.stringContaining(named) });
  }
}
