// What no verb of the port shows: events that belong to nobody.
import { expect, test } from "vitest";
import { keepEvent, memoryEvents } from "../../src/adapters/memory/events.ts";
import { memoryTables } from "../../src/adapters/memory/tables.ts";
import { memoryUsers } from "../../src/adapters/memory/users.ts";
import { EVENTS_AFTER_REMOVAL, removeAmongEvents } from "../support/user-removal.ts";

test("in memory a removed user's events all have the pseudonym, and a later one has nothing", async () => {
  const tables = memoryTables([]);
  const run = async <T>(step: () => T): Promise<T> => step();
  await removeAmongEvents({ users: memoryUsers(tables, run), events: memoryEvents(tables, run, keepEvent) });
  const rows = [...tables.events.all()].sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
  expect(rows.map((row) => [row.userId, row.attemptedEmail])).toEqual(EVENTS_AFTER_REMOVAL);
});
