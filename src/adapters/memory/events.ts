import type { EventStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertInsertable, assertUserExists, compareText, type Run, type Tables } from "./tables.ts";

export function memoryEvents(tables: Tables, run: Run): EventStore {
  return Object.freeze<EventStore>({
    append: (events) =>
      run(() => {
        for (const event of events) {
          assertInsertable(tables.events, event.id);
          assertUserExists(tables, event.userId);
          tables.events.put(event);
        }
      }),
    list: ({ userId, before, limit }) =>
      run(() =>
        tables.events
          .ownedBy(userId)
          .filter((event) => before === undefined || event.id < before)
          .sort((a, b) => compareText(b.id, a.id))
          .slice(0, limit)
          .map(copyRow),
      ),
  });
}
