import type { AuthEvent } from "../../domain/auth-event.ts";
import type { EventStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertInsertable, assertUserExists, compareText, type Run, type Tables } from "./tables.ts";

/** The event as it is stored, which depends on whether its user exists. */
export type AdmitEvent = (tables: Tables, event: AuthEvent) => AuthEvent;

export function memoryEvents(tables: Tables, run: Run, admit: AdmitEvent): EventStore {
  return Object.freeze<EventStore>({
    append: (events) =>
      run(() => {
        for (const event of events) {
          assertInsertable(tables.events, event.id);
          tables.events.put(admit(tables, event));
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

/** In a transaction, an event of a deleted user is an error. */
export function requireEventUser(tables: Tables, event: AuthEvent): AuthEvent {
  assertUserExists(tables, event.userId);
  return event;
}

/** Outside a transaction, an event of a deleted user is stored without user and email. */
export function keepEvent(tables: Tables, event: AuthEvent): AuthEvent {
  if (event.userId === null || tables.users.get(event.userId)) return event;
  return { ...event, userId: null, attemptedEmail: null };
}
