// Class: a migration that works on empty tables only, and a release whose users cannot sign in after the next one.
import { readdirSync, readFileSync } from "node:fs";
import { CompiledQuery } from "kysely";
import { type Auth, createAuth } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { fakeClock } from "sallyport/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/adapters/kysely/migrations.ts";
import { databaseUnderTest } from "../support/database-under-test.ts";
import { createDatabase, type TestDatabase } from "../support/databases.ts";
import { CLIENT, codeOf, SECRET, signedIn } from "../support/harness.ts";

const HERE = new URL("./", import.meta.url);
const KIND = databaseUnderTest?.ref.kind ?? "node-sqlite";
const DIALECT = { postgres: "postgres", pglite: "postgres", mariadb: "mysql" }[KIND as string] ?? "sqlite";
const TABLES = [
  "auth_events",
  "auth_outbox",
  "auth_email_proofs",
  "auth_one_time_tokens",
  "auth_sessions",
  "auth_credentials",
  "auth_users",
];

const VERSIONS = readdirSync(HERE)
  .filter((name) => /^\d+$/.test(name))
  .map(Number)
  .sort((a, b) => a - b);

/** Sealed tokens of format 1 were never released: they are refused, and the user signs in again. */
const FIRST_WITH_SEALS = 4;

interface Data {
  /** What a user of that release holds. */
  readonly held: Readonly<Record<Held, string>>;
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

type Token = "accessToken" | "refreshToken" | "deviceToken" | "challengeToken";
type Held = "at" | "email" | "password" | "userId" | "sessionId" | Token;

let database: TestDatabase;
beforeEach(async () => {
  // Another PGlite would take a gigabyte.
  database = KIND === "pglite" && databaseUnderTest ? databaseUnderTest : await createDatabase(KIND);
});
afterEach(async () => {
  if (database !== databaseUnderTest) return database.drop();
  for (const table of [...TABLES, "auth_schema"]) await run(`drop table if exists ${table}`);
});

test("every schema version up to the newest is kept", () => {
  expect(VERSIONS).toEqual(MIGRATIONS.map(({ version }) => version));
});

describe.each(VERSIONS)("of schema version %i", (version) => {
  const { held, rows } = JSON.parse(readFileSync(new URL(`${version}/data.json`, HERE), "utf8")) as Data;

  test("the tables with their rows become the newest, and the users go on", async () => {
    await build(version);
    await insert(rows);
    const upgraded = await migrate(database.db);
    expect(upgraded).toMatchObject({ from: version, to: SCHEMA_VERSION });
    await expectUsersGoOn(version, held);
  });

  test("a release that still writes to the newest tables in its own way loses nothing", async () => {
    await migrate(database.db);
    await insert(rows);
    await expectUsersGoOn(version, held);
  });
});

async function expectUsersGoOn(version: number, held: Data["held"]): Promise<void> {
  const clock = fakeClock(held.at);
  clock.advance("1m");
  const auth = createAuth({ secret: SECRET, store: kyselyStore(database.db), clock });
  await expectSessionGoesOn(auth, version, held);
  const { email, password, deviceToken } = held;
  const login = signedIn(await auth.login({ email, password, deviceToken }, CLIENT));
  expect(login.user.id).toBe(held.userId);
  expect(await codeOf(auth.login({ email: "bob@example.com", password }, CLIENT))).toBe(
    "invalid_credentials",
  );
  const { events } = await auth.events.list(login.accessToken, { limit: 50 });
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["signup", "logout", "login"]));
  const change = { currentPassword: password, newPassword: "Another2staple" };
  const changed = await auth.password.change(login.accessToken, change, CLIENT);
  expect(await codeOf(auth.verifyToken(login.accessToken))).toBe("session_revoked");
  await auth.users.delete(changed.user.id);
  expect(await codeOf(auth.signup({ email, password }, CLIENT))).toBe("fulfilled");
}

async function expectSessionGoesOn(auth: Auth, version: number, held: Data["held"]): Promise<void> {
  const { accessToken, refreshToken, sessionId } = held;
  expect((await auth.verifyToken(accessToken)).sessionId).toBe(sessionId);
  expect((await auth.getUser(accessToken)).user.email).toBe(held.email);
  expect((await auth.sessions.list(accessToken)).map(({ id }) => id)).toEqual([sessionId]);
  const refreshed = await codeOf(auth.refresh(refreshToken, CLIENT));
  expect(refreshed).toBe(version < FIRST_WITH_SEALS ? "invalid_token" : "fulfilled");
  await auth.logout(accessToken, CLIENT);
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
}

async function build(version: number): Promise<void> {
  const text = readFileSync(new URL(`${version}/${DIALECT}.sql`, HERE), "utf8");
  for (const statement of text.split(/;\n+/).filter(Boolean)) await run(statement);
}

async function insert(rows: Data["rows"]): Promise<void> {
  for (const table of TABLES.toReversed()) {
    for (const row of rows[table] ?? []) {
      const stored = Object.entries(row).map(([name, value]) => [name, storedAs(name, value)]);
      await database.db.insertInto(table).values(Object.fromEntries(stored)).execute();
    }
  }
}

function storedAs(name: string, value: unknown): unknown {
  if (!isTime(name) || value === null || DIALECT === "postgres") return value;
  return Date.parse(value as string);
}

function isTime(column: string): boolean {
  return /_(?:at|after)$/.test(column);
}

async function run(statement: string): Promise<void> {
  await database.db.executeQuery(CompiledQuery.raw(statement));
}
