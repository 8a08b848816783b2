import { type AuthEvent, targetOf } from "../../domain/auth-event.ts";
import type { AttemptsQuery, EventQuery, EventStore, Trail } from "../../ports/auth-store.ts";
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
          store(tables, admit(tables, event));
        }
      }),
    list: (query) =>
      run(() => newestOf(tables, query).filter(isWanted(query)).slice(0, query.limit).map(copyRow)),
    nth: (trail, count) => run(() => newestOf(tables, trail)[count - 1]?.id ?? null),
  });
}

function store(tables: Tables, event: AuthEvent): void {
  tables.events.put(event);
  const pseudonym = targetOf(event);
  if (pseudonym !== null) tables.attempts.put({ id: event.id, pseudonym });
}

function newestOf(tables: Tables, { userId, attempts, before }: Trail): AuthEvent[] {
  return [...tables.events.ownedBy(userId), ...(attempts ? attemptsAt(tables, attempts) : [])]
    .filter((event) => before === undefined || event.id < before)
    .sort((a, b) => compareText(b.id, a.id));
}

function attemptsAt(tables: Tables, { pseudonyms, since }: AttemptsQuery): AuthEvent[] {
  return pseudonyms
    .flatMap((pseudonym) => tables.attempts.ownedBy(pseudonym))
    .flatMap(({ id }) => tables.events.get(id) ?? [])
    .filter((event) => event.occurredAt >= since);
}

function isWanted({ types, outcomes, oldest }: EventQuery): (event: AuthEvent) => boolean {
  return ({ id, type, outcome }) =>
    (oldest === undefined || id >= oldest) &&
    types?.includes(type) !== false &&
    outcomes?.includes(outcome) !== false;
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
