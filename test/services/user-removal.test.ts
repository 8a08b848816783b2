// What no verb of the port shows: events that belong to nobody.
import { kyselyStore, migrate } from "sallyport/kysely";
import { expect, test } from "vitest";
import { reachable } from "../support/required-services.ts";
import { EVENTS_AFTER_REMOVAL, removeAmongEvents } from "../support/user-removal.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

test.each(reachable())(
  "%s: a removed user's events all have the pseudonym, and a later one has nothing",
  async (kind) => {
    const { db, drop } = await emptyDatabase(kind);
    await migrate(db);
    await removeAmongEvents(kyselyStore(db));
    const rows = await db
      .selectFrom("auth_events")
      .select(["user_id", "attempted_email"])
      .orderBy("occurred_at")
      .execute();
    expect(rows.map((row) => [row["user_id"], row["attempted_email"]])).toEqual(EVENTS_AFTER_REMOVAL);
    await drop();
  },
);
