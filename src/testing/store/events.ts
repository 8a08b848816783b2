import assert from "node:assert/strict";
import type { AuthEvent } from "../../domain/auth-event.ts";
import type { EventId } from "../../domain/ids.ts";
import { newId, noon, sampleEvent } from "./samples.ts";
import { addUser, assertUnavailable, CALLERS, inParallel, type StorePromises } from "./support.ts";

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

  "an event may belong to nobody, and none at all may be appended": async (store) => {
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
    await assertUnavailable(store.events.append([sampleEvent({ userId }), { ...event, reason: "again" }]));
    await assertUnavailable(store.events.append([sampleEvent({ userId }), sampleEvent({ userId: newId() })]));
    assert.deepEqual(await store.events.list({ userId, limit: 10 }), [event]);
  },
};
