import { sql } from "kysely";
import { planMigration } from "sallyport/kysely";
import { expect } from "vitest";
import type { AuthStore } from "../../../src/ports/auth-store.ts";
import {
  noon,
  sampleCredential,
  sampleEvent,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../../src/testing/store/samples.ts";
import type { AnyKysely } from "../../support/databases.ts";
import type { DatabaseKind } from "../../support/services.ts";

/** Makes the tables as the release of that schema version made them. */
export async function buildVersion(db: AnyKysely, version: number): Promise<void> {
  const { statements } = await planMigration(db);
  const last = statements.findIndex((statement) =>
    new RegExp(`^insert into .auth_schema. .* values \\(${version}(,|\\))`).test(statement),
  );
  for (const statement of statements.slice(0, last + 1)) await sql.raw(statement).execute(db);
}

const user = sampleUser({ emailVerifiedAt: noon(-5), lastLoginAt: noon(7), epoch: 3 });
const mine = { userId: user.id } as const;
const credential = sampleCredential({ ...mine, lastUsedAt: noon(8) });
const session = sampleSession({
  ...mine,
  refreshCounter: 2 ** 32 - 1,
  refreshedAt: noon(9),
  audience: null,
});
/** The columns that a release of that version does not know. */
const LATER = ["audience", "deleteAfter"];
const token = sampleToken({ ...mine, attempts: 2, epoch: 3 });
const event = sampleEvent({ ...mine, sessionId: session.id, data: { endedSessions: 2 } });

const ROWS: readonly (readonly [table: string, row: object])[] = [
  ["users", user],
  ["credentials", credential],
  ["sessions", { ...session, amr: JSON.stringify(session.amr) }],
  ["one_time_tokens", token],
  ["events", { ...event, data: JSON.stringify(event.data) }],
];

/** A row in every table, without the store: it is of a release that does not know these tables yet. */
export async function fillTables(kind: DatabaseKind, db: AnyKysely): Promise<void> {
  for (const [table, row] of ROWS) {
    const known = Object.entries(row).filter(([name]) => !LATER.includes(name));
    const columns = known.map(([name, value]) => [snakeCase(name), stored(kind, value)]);
    await db.insertInto(`auth_${table}`).values(Object.fromEntries(columns)).execute();
  }
}

/** The store reads every one of them as it was written. */
export async function expectAllRows(store: AuthStore): Promise<void> {
  expect(await store.users.find(user.id)).toEqual(user);
  expect(await store.users.findForLogin(user.emailCanonical)).toEqual({ user, password: credential });
  expect(await store.sessions.find(session.id)).toEqual({ session, user });
  expect(await store.tokens.find(token.purpose, token.hash, noon())).toEqual(token);
  expect(await store.events.list({ ...mine, limit: 10 })).toEqual([event]);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function stored(kind: DatabaseKind, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  return kind === "postgres" || kind === "pglite" ? value.toISOString() : value.getTime();
}
