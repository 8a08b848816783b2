// What no verb of the port shows: events that belong to nobody.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { keepEvent, memoryEvents } from "../../src/adapters/memory/events.ts";
import { memoryTables } from "../../src/adapters/memory/tables.ts";
import { memoryUsers } from "../../src/adapters/memory/users.ts";
import { sqliteStore } from "../../src/adapters/sqlite.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import { noon, sampleEvent, sampleUser } from "../../src/testing/store/samples.ts";

const PSEUDONYM = "hmac:cHNldWRvbnlt";
const EMAIL = "ada@example.com";

type Rooms = Pick<AuthStore, "users" | "events">;

/** Three events before the removal, with the email and without, and one after it. */
async function removeAmongEvents({ users, events }: Rooms): Promise<void> {
  const user = sampleUser({ emailCanonical: EMAIL });
  await users.create(user);
  const event = (ms: number, attemptedEmail: string | null) =>
    sampleEvent({ userId: user.id, attemptedEmail, occurredAt: noon(ms) });
  await events.append([event(0, EMAIL), event(1, null)]);
  await events.append([sampleEvent({ attemptedEmail: "hmac:b3RoZXI", occurredAt: noon(2) })]);
  await users.remove(user.id, PSEUDONYM);
  await events.append([event(3, EMAIL)]);
}

const EXPECTED = [
  [null, PSEUDONYM],
  [null, PSEUDONYM],
  [null, "hmac:b3RoZXI"], // nobody's before, and left alone
  [null, null],
];

test("in memory a removed user's events all have the pseudonym, and a later one has nothing", async () => {
  const tables = memoryTables([]);
  const run = async <T>(step: () => T): Promise<T> => step();
  await removeAmongEvents({ users: memoryUsers(tables, run), events: memoryEvents(tables, run, keepEvent) });
  const rows = [...tables.events.all()].sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
  expect(rows.map((row) => [row.userId, row.attemptedEmail])).toEqual(EXPECTED);
});

test("in SQLite a removed user's events all have the pseudonym, and a later one has nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-removal-"));
  const store = sqliteStore(join(folder, "auth.db"));
  await removeAmongEvents(store);
  const db = new DatabaseSync(join(folder, "auth.db"));
  const rows = db.prepare("select user_id, attempted_email from auth_events order by occurred_at").all();
  expect(rows.map((row) => [row["user_id"], row["attempted_email"]])).toEqual(EXPECTED);
  db.close();
  await store.close();
  rmSync(folder, { recursive: true });
});
