import assert from "node:assert/strict";
import type { AuthEvent } from "../../domain/auth-event.ts";
import type { EventId } from "../../domain/ids.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { newId, noon, sampleEvent } from "./samples.ts";
import {
  addUser,
  assertMistaken,
  assertUnavailable,
  CALLERS,
  cutoffsAt,
  inParallel,
  type StorePromises,
} from "./support.ts";

export const eventPromises: StorePromises = {
  "an event comes back as it went in": async (store) => {
    const { id: userId } = await addUser(store);
    const bare = sampleEvent({ userId, ip: null, userAgent: null });
    const full = sampleEvent({
      userId,
      type: "signup",
      outcome: "refused",
      reason: "rate_limited",
      attemptedEmail: "ada@example.com",
      sessionId: newId(),
      requestId: "request-1",
      data: { attempts: 3, fraction: 0.5, "a key": "text", flag: true, off: false },
      occurredAt: noon(1),
    });
    await store.events.append([bare]);
    await store.events.append([full]);
    assert.deepEqual(await store.events.list({ userId, limit: 10 }), [full, bare]);
  },

  "an event may belong to no user, and an append may be empty": async (store) => {
    await store.events.append([sampleEvent()]);
    await store.events.append([]);
    assert.deepEqual(await store.events.list({ userId: newId(), limit: 10 }), []);
  },

  "a list is newest first, whatever the order of writing": async (store) => {
    const { id: userId } = await addUser(store);
    const [first, second, third] = [0, 1, 2].map((ms) => sampleEvent({ userId, occurredAt: noon(ms) }));
    await store.events.append([second, third, first] as AuthEvent[]);
    assert.deepEqual(await store.events.list({ userId, limit: 10 }), [third, second, first]);
    assert.deepEqual(await store.events.list({ userId, limit: 2 }), [third, second]);
    assert.deepEqual(await store.events.list({ userId, limit: 2, before: second?.id }), [first]);
    assert.deepEqual(await store.events.list({ userId, limit: 2, before: first?.id }), []);
  },

  "pages have every event once, also when newer ones arrive in between": async (store) => {
    const { id: userId } = await addUser(store);
    const events = Array.from({ length: 25 }, (_, ms) => sampleEvent({ userId, occurredAt: noon(ms) }));
    await store.events.append(events);
    const seen: EventId[] = [];
    for (let page = 0; page < 4; page++) {
      const found = await store.events.list({ userId, limit: 10, before: seen.at(-1) });
      seen.push(...found.map(({ id }) => id));
      await store.events.append([sampleEvent({ userId, occurredAt: noon(1_000 + page) })]);
    }
    assert.deepEqual(seen, events.map(({ id }) => id).reverse());
  },

  "a list has the user's own events only": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const own = sampleEvent({ userId: user.id });
    const theirs = sampleEvent({ userId: other.id, occurredAt: noon(1) });
    await store.events.append([own, theirs, sampleEvent()]);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10 }), [own]);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10, before: theirs.id }), [own]);
  },

  "every one of many parallel appends is kept": async (store) => {
    const { id: userId } = await addUser(store);
    await inParallel((ms) => store.events.append([sampleEvent({ userId, occurredAt: noon(ms) })]));
    assert.equal((await store.events.list({ userId, limit: 100 })).length, CALLERS);
  },

  "an append is whole: with one bad event none is kept": async (store) => {
    const { id: userId } = await addUser(store);
    const event = sampleEvent({ userId });
    await store.events.append([event]);
    await assertMistaken(store.events.append([sampleEvent({ userId }), { ...event, reason: "again" }]));
    const gone = sampleEvent({ userId: newId(), attemptedEmail: "gone@example.com" });
    await assertMistaken(store.events.append([gone, { ...event, reason: "again" }]));
    assert.deepEqual(await store.events.list({ userId, limit: 10 }), [event]);
    assert.equal(await countEvents(store), 1);
  },

  "an event of a deleted user is kept, and belongs to no user": async (store) => {
    const user = await addUser(store);
    const [other, removed] = [await addUser(store), sampleEvent({ userId: user.id })];
    await store.users.remove(user.id, "hmac:cHNldWRvbnlt");
    const theirs = sampleEvent({ userId: other.id, attemptedEmail: other.emailCanonical });
    await store.events.append([removed]);
    await store.events.append([{ ...removed, id: newId() }, theirs, sampleEvent({ userId: newId() })]);
    await store.users.create(user);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10 }), []);
    assert.deepEqual(await store.events.list({ userId: other.id, limit: 10 }), [theirs]);
    assert.equal(await countEvents(store), 4);
  },

  "every event written while its user is removed is kept": async (store) => {
    const { id: userId } = await addUser(store);
    await inParallel(async (caller) => {
      if (caller === 25) await store.users.remove(userId, "hmac:cHNldWRvbnlt");
      else await store.events.append([sampleEvent({ userId })]);
    });
    assert.equal(await countEvents(store), CALLERS - 1);
  },

  "in a transaction an event of a user who is gone is an error, and nothing is kept": async (store) => {
    const user = await addUser(store);
    const failing = store.transaction(async (tx) => {
      await tx.users.admit(user.id, 0, noon(1));
      await tx.events.append([sampleEvent({ userId: user.id }), sampleEvent({ userId: newId() })]);
    });
    await assertUnavailable(failing);
    assert.deepEqual(await store.users.find(user.id), user);
    assert.equal(await countEvents(store), 0);
  },
};

/** Counts all events, also those without a user, and deletes them. */
async function countEvents(store: AuthStore): Promise<number> {
  return (await store.purge(cutoffsAt(noon(), { eventsBefore: noon(60_000) }), 1_000)).deleted;
}
