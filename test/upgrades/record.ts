// Writes the folder of the present schema version: its statements for each database, and the rows that this release
// leaves in them. A release runs it once, before its next migration: docs/contributing/changing.md. It needs the
// servers of scripts/services.sh.
import { mkdirSync, writeFileSync } from "node:fs";
import { sql } from "kysely";
import { kyselyStore, migrate, planMigration } from "sallyport/kysely";
import { fakeClock } from "sallyport/testing";
import { parseOptions } from "../../src/config/parse-options.ts";
import { assemble } from "../../src/create-auth.ts";
import { type AnyKysely, createDatabase } from "../support/databases.ts";
import { closedGate, loginThrough } from "../support/gates.ts";
import { CLIENT, EMAIL, PASSWORD, SECRET, signedIn } from "../support/harness.ts";

const TABLES = ["users", "credentials", "sessions", "one_time_tokens", "email_proofs", "outbox", "events"];
const START = "2026-01-01T12:00:00.000Z";
const right = { email: EMAIL, password: PASSWORD };

const { version, rows, held } = await recordRows();
const folder = new URL(`${version}/`, import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("data.json", folder), `${JSON.stringify({ held, rows }, null, 2)}\n`);
for (const [name, kind] of [
  ["sqlite", "node-sqlite"],
  ["postgres", "postgres"],
  ["mysql", "mariadb"],
] as const) {
  const database = await createDatabase(kind);
  const { statements } = await planMigration(database.db);
  writeFileSync(new URL(`${name}.sql`, folder), `${statements.join(";\n\n")};\n`);
  await database.drop();
}

/** Signs users in, out and off, and returns what a user of that release holds and what the tables hold. */
async function recordRows() {
  const { db, drop } = await createDatabase("node-sqlite");
  const { to: version } = await migrate(db);
  const clock = fakeClock(START);
  const { ctx, auth } = assemble(parseOptions({ secret: SECRET, store: kyselyStore(db), clock }));
  const first = signedIn(await auth.signup(right, CLIENT));
  const { accessToken, refreshToken, deviceToken, user, session } = first;
  await auth.logout(signedIn(await auth.login(right, CLIENT)).accessToken, CLIENT);
  const bob = signedIn(await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT));
  await auth.users.disable(bob.user.id, CLIENT);
  await auth.login({ ...right, password: "Wrong1password" }, CLIENT).catch(() => undefined);
  const parked = await loginThrough(ctx, [closedGate], right, CLIENT);
  const challengeToken = parked.status === "challenge" ? parked.challengeToken : "";
  const tokens = { accessToken, refreshToken, deviceToken, challengeToken };
  const held = { at: START, ...right, userId: user.id, sessionId: session.id, ...tokens };
  const rows = await readRows(db);
  await drop();
  return { version, rows, held };
}

/** The rows of all tables, with times as texts: each database stores them in its own way. */
async function readRows(db: AnyKysely): Promise<Record<string, readonly object[]>> {
  const all: Record<string, readonly object[]> = {};
  for (const table of TABLES) {
    const found = await sql<Record<string, unknown>>`select * from ${sql.table(`auth_${table}`)}`.execute(db);
    all[`auth_${table}`] = found.rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, readable(name, value)])),
    );
  }
  return all;
}

function readable(name: string, value: unknown): unknown {
  return /_(?:at|after)$/.test(name) && typeof value === "number" ? new Date(value).toISOString() : value;
}
