// Class: a sign-in that reads every session its user ever had, so that each login is slower than the one before it.
import { CompiledQuery, sql } from "kysely";
import type { AuthStore, Session, UserId } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dialectOf } from "../../../src/adapters/kysely/dialects/detect.ts";
import { sessionStatements } from "../../../src/adapters/kysely/session-statements.ts";
import { type StoredTime, tableNames } from "../../../src/adapters/kysely/tables.ts";
import { noon, sampleSession } from "../../../src/testing/store/samples.ts";
import { databaseUnderTest } from "../../support/database-under-test.ts";
import { connect, type TestDatabase } from "../../support/databases.ts";
import { CLIENT, makeAuth, PASSWORD } from "../../support/harness.ts";

const { ref, db: shared } = databaseUnderTest as TestDatabase;
const isServer = ref.kind === "postgres" || ref.kind === "mariadb";
/** One connection: its server counts what it reads. */
const db = isServer ? connect(ref, 1) : shared;
const place = { tablePrefix: "reads_" };
const store = kyselyStore(db, { ...place, maxWaitMs: 60_000 });
const { auth } = makeAuth({ store, limits: { login: { address: false, account: false } } });
const ids = new Map<string, UserId>();

const DAY = 86_400_000;
const LIVE = { createdAt: noon(-DAY) };
const REVOKED = { ...LIVE, revokedAt: noon(-DAY + 1), revokeReason: "logout" };
const EXPIRED = { createdAt: noon(-40 * DAY), idleExpiresAt: noon(-26 * DAY), expiresAt: noon(-10 * DAY) };

beforeAll(async () => {
  await migrate(db, place);
  for (const [name, ended, count] of [
    ["new", REVOKED, 0],
    ["leaving", REVOKED, 1_000],
    ["vanishing", EXPIRED, 1_000],
  ] as const) {
    const { user } = await auth.signup({ email: email(name), password: PASSWORD }, CLIENT);
    ids.set(name, user.id);
    await addSessions(user.id, count, ended);
    await addSessions(user.id, 10, LIVE);
  }
  await takeStatistics();
});
afterAll(async () => {
  if (isServer) await db.destroy();
});

test("a look for sessions beyond the most reads one index and no session", async () => {
  const { beyond } = statementsHere();
  const plan = await explain(beyond({ userId: ids.get("leaving") as UserId, now: nowHere(), keep: 49 }));
  expect(plan).toContain("reads_sessions_user_live");
  expect(plan).not.toMatch(/Seq Scan|Sort |TEMP B-TREE/);
  const byIndexAlone = { sqlite: "USING COVERING INDEX", mysql: "Using index", postgres: "Index" };
  expect(plan).toContain(byIndexAlone[dialectOf(db).name]);
});

test("a search for surplus sessions reads neither the revoked nor the expired ones, by its plan", async () => {
  const { surplus } = statementsHere();
  const wanted = { userId: ids.get("leaving") as UserId, audience: "sallyport", keep: 49, limit: 200 };
  const plan = await explain(surplus({ ...wanted, now: nowHere() }));
  expect(plan).toContain("reads_sessions_user_live");
  if (dialectOf(db).name === "sqlite")
    expect(plan).toContain("(user_id=? AND revoked_at=? AND expires_at>?)");
  expect(plan).not.toMatch(/Seq Scan|SCAN reads_sessions/);
});

function statementsHere(): ReturnType<typeof sessionStatements> {
  return sessionStatements({ db, names: tableNames(place), dialect: dialectOf(db) });
}

function nowHere(): StoredTime {
  return dialectOf(db).encodeTime(noon());
}

test.runIf(dialectOf(db).name !== "sqlite").for([
  ["1,000 logouts", "leaving"],
  ["1,000 sessions that expired by themselves", "vanishing"],
])("a login after %s reads at most 1.2 times the rows of one after none", async ([, name = ""]) => {
  const logIn = (who: string) => auth.login({ email: email(who), password: PASSWORD }, CLIENT);
  await logIn("new"); // the first use reads the schema
  const least = await rowsReadBy(() => logIn("new"));
  const read = await rowsReadBy(() => logIn(name));
  expect(least).toBeGreaterThan(10);
  expect(read / least).toBeLessThanOrEqual(1.2);
});

function email(name: string): string {
  return `${name}@example.com`;
}

async function addSessions(userId: UserId, count: number, given: Partial<Session>): Promise<void> {
  await store.transaction(async (tx: AuthStore) => {
    for (let added = 0; added < count; added++) await tx.sessions.create(sampleSession({ userId, ...given }));
  });
}

async function takeStatistics(): Promise<void> {
  const table = sql.table("reads_sessions");
  await (dialectOf(db).name === "mysql" ? sql`analyze table ${table}` : sql`analyze ${table}`).execute(db);
}

async function explain({ sql: text, parameters }: CompiledQuery<unknown>): Promise<string> {
  const verb = dialectOf(db).name === "sqlite" ? "explain query plan" : "explain";
  const { rows } = await db.executeQuery(CompiledQuery.raw(`${verb} ${text}`, [...parameters]));
  return JSON.stringify(rows);
}

async function rowsReadBy(work: () => Promise<unknown>): Promise<number> {
  const before = await rowsRead();
  await work();
  return (await rowsRead()) - before;
}

/** Entries of indexes and rows of tables, since the connection was made. */
async function rowsRead(): Promise<number> {
  if (dialectOf(db).name === "mysql") {
    const { rows } = await sql<{ Value: string }>`show session status like 'Handler_read%'`.execute(db);
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
  }
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ count: string }>`select
    (select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables where relname like 'reads%')
    + (select sum(idx_tup_read) from pg_stat_user_indexes where relname like 'reads%') as count`.execute(db);
  return Number(rows[0]?.count);
}
