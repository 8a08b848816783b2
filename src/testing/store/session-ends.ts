import assert from "node:assert/strict";
import type { UserId } from "../../domain/ids.ts";
import type { AuthStore, Revocation } from "../../ports/auth-store.ts";
import { newId, noon } from "./samples.ts";
import { addSession, addUser, assertOneWinner, inParallel, minutes, type StorePromises } from "./support.ts";

export const sessionEndPromises: StorePromises = {
  "a revoked session says when and why": async (store) => {
    const session = await addSession(store);
    assert.equal(await store.sessions.revoke(session.id, by(session.userId, "logout")), true);
    const expected = { ...session, revokedAt: noon(7), revokeReason: "logout" };
    assert.deepEqual((await store.sessions.find(session.id))?.session, expected);
  },

  "of 50 who revoke one session exactly one does, and the first reason stays": async (store) => {
    const session = await addSession(store);
    const answers = await inParallel((caller) =>
      store.sessions.revoke(session.id, by(session.userId, `caller ${caller}`)),
    );
    assertOneWinner(answers);
    const found = (await store.sessions.find(session.id))?.session;
    assert.equal(found?.revokeReason, `caller ${answers.indexOf(true)}`);
    assert.equal(await store.sessions.revokeAll(null, by(session.userId, "later")), 0);
    assert.deepEqual((await store.sessions.find(session.id))?.session, found);
  },

  "another user's session answers like an unknown one, and lives on": async (store) => {
    const session = await addSession(store);
    const stranger = await addUser(store);
    assert.equal(await store.sessions.revoke(session.id, by(stranger.id)), false);
    assert.equal(await store.sessions.revoke(newId(), by(stranger.id)), false);
    assert.equal(await store.sessions.revokeAll(null, by(stranger.id)), 0);
    assert.equal(await store.sessions.revokeOldest(0, by(stranger.id)), 0);
    assert.deepEqual((await store.sessions.find(session.id))?.session, session);
  },

  "revokeAll ends all of the user's sessions, expired ones too, but for the excepted": async (store) => {
    const { id: userId } = await addUser(store);
    const foreign = await addSession(store);
    const kept = await addSession(store, { userId });
    const ended = [
      await addSession(store, { userId }),
      await addSession(store, { userId, expiresAt: noon(1) }),
      await addSession(store, { userId, idleExpiresAt: noon(1) }),
    ];
    const before = await addSession(store, { userId, revokedAt: noon(), revokeReason: "logout" });

    assert.equal(await store.sessions.revokeAll(kept.id, by(userId)), 3);
    assert.deepEqual((await store.sessions.find(kept.id))?.session, kept);
    assert.deepEqual((await store.sessions.find(foreign.id))?.session, foreign);
    assert.deepEqual((await store.sessions.find(before.id))?.session, before);
    for (const session of ended) {
      const expected = { ...session, revokedAt: noon(7), revokeReason: "test" };
      assert.deepEqual((await store.sessions.find(session.id))?.session, expected);
    }
    assert.equal(
      await store.sessions.revokeAll(foreign.id, by(userId)),
      1,
      "a foreign exception excepts nothing",
    );
    assert.equal(await store.sessions.revokeAll(null, by(userId)), 0);
  },

  "revokeOldest keeps the newest, and leaves the dead alone": async (store) => {
    const { id: userId } = await addUser(store);
    const at = (ms: number) => addSession(store, { userId, createdAt: noon(ms) });
    const [third, first, fourth, second] = [await at(3), await at(1), await at(4), await at(2)];
    const dead = await addSession(store, { userId, createdAt: noon(9), expiresAt: noon(7) });
    const idle = await addSession(store, { userId, createdAt: noon(9), idleExpiresAt: noon(7) });
    const revoked = await addSession(store, { userId, createdAt: noon(9), revokedAt: noon() });

    assert.equal(await store.sessions.revokeOldest(4, by(userId)), 0);
    assert.equal(await store.sessions.revokeOldest(2, by(userId)), 2);
    assert.deepEqual(await store.sessions.listLive(userId, noon(7), 10), [fourth, third]);
    for (const { id } of [first, second]) {
      const found = (await store.sessions.find(id))?.session;
      assert.deepEqual([found?.revokedAt, found?.revokeReason], [noon(7), "test"]);
    }
    for (const session of [dead, idle, revoked]) {
      assert.deepEqual((await store.sessions.find(session.id))?.session, session);
    }
    assert.equal(await store.sessions.revokeOldest(0, by(userId)), 2);
    assert.deepEqual(await store.sessions.listLive(userId, noon(7), 10), []);
  },

  "with an audience, a revocation ends only sessions of this application, and those without one": async (
    store,
  ) => {
    const { id: userId } = await addUser(store);
    const at = (ms: number, audience: string | null) =>
      addSession(store, { userId, audience, createdAt: noon(ms) });
    const [none, shop, admin, shouted] = [
      await at(1, null),
      await at(2, "shop"),
      await at(3, "admin"),
      await at(4, "SHOP"),
    ];
    const own = { ...by(userId), audience: "shop" };
    assert.equal(await store.sessions.revoke(admin.id, own), false);
    assert.equal(await store.sessions.revokeOldest(1, own), 1);
    assert.deepEqual(await store.sessions.listLive(userId, noon(7), 10), [shouted, admin, shop]);
    assert.equal(await store.sessions.revokeAll(shop.id, own), 0);
    assert.equal(await store.sessions.revokeAll(null, own), 1);
    assert.deepEqual(await store.sessions.listLive(userId, noon(7), 10), [shouted, admin]);
    assert.equal(await store.sessions.revoke(none.id, own), false, "it ended before");
    assert.equal(await store.sessions.revokeAll(null, by(userId)), 2, "without an audience all end");
  },

  "revokeOldest judges expiry at its own moment": async (store) => {
    for (const end of ["idleExpiresAt", "expiresAt"] as const) {
      const { userId } = await addSession(store, { [end]: noon(minutes(1)) });
      const oldest = (ms: number) => store.sessions.revokeOldest(0, { userId, reason: "test", at: noon(ms) });
      assert.equal(await oldest(minutes(1) + 1), 0);
      assert.equal(await oldest(minutes(1)), 0);
      assert.equal(await oldest(minutes(1) - 1), 1);
    }
  },

  "revokeOldest ends any number, each once, though other calls do the same": async (store) => {
    const { id: userId } = await addUser(store);
    await addMany(store, userId, 450);
    const counts = await inParallel(() => store.sessions.revokeOldest(3, by(userId)));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      447,
    );
    assert.equal((await store.sessions.listLive(userId, noon(), 10)).length, 3);
  },
};

function by(userId: UserId, reason = "test"): Revocation {
  return { userId, reason, at: noon(7) };
}

async function addMany(store: AuthStore, userId: UserId, count: number): Promise<void> {
  await store.transaction(async (tx) => {
    for (let ms = 0; ms < count; ms++) await addSession(tx, { userId, createdAt: noon(ms) });
  });
}
