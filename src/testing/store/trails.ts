import assert from "node:assert/strict";
import type { AuthEvent } from "../../domain/auth-event.ts";
import type { EventId } from "../../domain/ids.ts";
import { newId, noon, sampleEvent } from "./samples.ts";
import { addUser, cutoffsAt, minutes, type StorePromises } from "./support.ts";

const PSEUDONYMS = ["hmac:bmV3:Zmlyc3Q", "hmac:b2xk:c2Vjb25k"] as const;
const attempts = { pseudonyms: PSEUDONYMS, since: noon() } as const;

/** An attempt at an account that names no user. */
function attempt(ms: number, given: Partial<AuthEvent> = {}): AuthEvent {
  return sampleEvent({
    outcome: "failure",
    reason: "unavailable",
    attemptedEmail: PSEUDONYMS[0],
    occurredAt: noon(ms),
    ...given,
  });
}

function refusal(ms: number, limit: string): AuthEvent {
  const refused = { outcome: "refused", reason: "rate_limited" } as const;
  return attempt(ms, { ...refused, data: { limit, count: 11 } });
}

/** Events that belong to no trail of another user. */
function strangeEvents(ms: number): readonly AuthEvent[] {
  return [
    attempt(ms, { attemptedEmail: "hmac:bmV3:b3RoZXI" }),
    attempt(ms, { attemptedEmail: PSEUDONYMS[0].toUpperCase() }),
    attempt(ms, { attemptedEmail: null }),
    attempt(ms, { outcome: "success", reason: null }),
    attempt(ms, { outcome: "challenged", reason: "second_factor" }),
    refusal(ms, "address"),
  ];
}

export const trailPromises: StorePromises = {
  "attempts that name a pseudonym and no user are found by it, and no other events": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const own = sampleEvent({ userId: user.id, occurredAt: noon(2) });
    const failed = attempt(1);
    const refused = refusal(3, "account");
    const older = attempt(4, { attemptedEmail: PSEUDONYMS[1] });
    const theirs = attempt(5, { userId: other.id });
    await store.events.append([own, failed, refused, older, theirs, ...strangeEvents(6)]);
    const query = { userId: user.id, limit: 10 };
    assert.deepEqual(await store.events.list({ ...query, attempts }), [older, refused, own, failed]);
    assert.deepEqual(await store.events.list({ ...query, attempts: { ...attempts, pseudonyms: [] } }), [own]);
    assert.deepEqual(await store.events.list(query), [own]);
  },

  "an attempt before the moment is another owner's": async (store) => {
    const { id: userId } = await addUser(store);
    const before = attempt(-1);
    const ahead = { ...attempt(-1), id: newId<EventId>(noon(1_000)) };
    const [at, after] = [attempt(0), attempt(1)];
    await store.events.append([before, ahead, at, after]);
    assert.deepEqual(await store.events.list({ userId, attempts, limit: 10 }), [after, at]);
  },

  "an event that lost its user is no attempt at the next owner of the email": async (store) => {
    const user = await addUser(store);
    await store.events.append([attempt(1, { userId: user.id, attemptedEmail: user.emailCanonical })]);
    const nameless = attempt(2);
    await store.events.append([nameless]);
    await store.users.remove(user.id, PSEUDONYMS[0]);
    await store.events.append([attempt(3, { userId: user.id, attemptedEmail: user.emailCanonical })]);
    const { id: userId } = await addUser(store, { emailCanonical: user.emailCanonical });
    assert.deepEqual(await store.events.list({ userId, attempts, limit: 10 }), [nameless]);
  },

  "pages have the events and the attempts once each": async (store) => {
    const { id: userId } = await addUser(store);
    const events = Array.from({ length: 30 }, (_, ms) => {
      const attemptedEmail = PSEUDONYMS[(ms % 3) - 1];
      return attemptedEmail ? attempt(ms, { attemptedEmail }) : sampleEvent({ userId, occurredAt: noon(ms) });
    });
    await store.events.append(events);
    const seen: EventId[] = [];
    for (let page = 0; page < 4; page++) {
      const found = await store.events.list({ userId, attempts, limit: 8, before: seen.at(-1) });
      seen.push(...found.map(({ id }) => id));
    }
    assert.deepEqual(seen, events.map(({ id }) => id).reverse());
  },

  "a list has only the types and outcomes that it was asked for": async (store) => {
    const { id: userId } = await addUser(store);
    const login = sampleEvent({ userId, occurredAt: noon(1) });
    const signup = sampleEvent({ userId, type: "signup", occurredAt: noon(2) });
    const failed = attempt(3);
    const refused = refusal(4, "account");
    await store.events.append([login, signup, failed, refused]);
    const query = { userId, attempts, limit: 10 };
    const list = (wanted: object) => store.events.list({ ...query, ...wanted });
    assert.deepEqual(await list({ types: ["signup"] }), [signup]);
    assert.deepEqual(await list({ types: ["login", "signup"] }), [refused, failed, signup, login]);
    assert.deepEqual(await list({ outcomes: ["refused", "success"] }), [refused, signup, login]);
    assert.deepEqual(await list({ types: ["login"], outcomes: ["success"] }), [login]);
    assert.deepEqual(await list({ types: ["logout"] }), []);
    assert.deepEqual(await list({ outcomes: ["success"], limit: 1 }), [signup]);
    assert.deepEqual(await list({ outcomes: ["success"], before: signup.id }), [login]);
    assert.deepEqual(await list({ oldest: signup.id }), [refused, failed, signup]);
    assert.deepEqual(await list({ oldest: failed.id, outcomes: ["success", "failure"] }), [failed]);
  },

  "the count of a trail finds the id of each event": async (store) => {
    const { id: userId } = await addUser(store);
    const events = [attempt(1), sampleEvent({ userId, occurredAt: noon(2) }), refusal(3, "account")];
    await store.events.append([...events, sampleEvent(), ...strangeEvents(4)]);
    const [oldest, middle, newest] = events.map(({ id }) => id) as [EventId, EventId, EventId];
    const trail = { userId, attempts };
    for (const [count, id] of [newest, middle, oldest, null].entries()) {
      assert.equal(await store.events.nth(trail, count + 1), id);
    }
    assert.equal(await store.events.nth({ ...trail, before: newest }, 1), middle);
    assert.equal(await store.events.nth({ userId }, 1), middle);
    assert.equal(await store.events.nth({ userId }, 2), null);
  },

  "a purge deletes attempts too": async (store) => {
    const { id: userId } = await addUser(store);
    const [old, kept] = [attempt(0), attempt(minutes(1))];
    await store.events.append([old, kept]);
    assert.deepEqual(await store.purge(cutoffsAt(noon(), { eventsBefore: noon(1) }), 10), {
      deleted: 1,
      more: false,
    });
    assert.deepEqual(await store.events.list({ userId, attempts, limit: 10 }), [kept]);
  },
};
