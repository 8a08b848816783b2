import assert from "node:assert/strict";
import type { Session } from "../../domain/session.ts";
import type { SessionRotation } from "../../ports/auth-store.ts";
import { newId, noon, sampleSession } from "./samples.ts";
import {
  addSession,
  addUser,
  assertMistaken,
  assertOneWinner,
  assertUnavailable,
  inParallel,
  minutes,
  type StorePromises,
} from "./support.ts";

export const sessionPromises: StorePromises = {
  "a session comes back as it went in, with its user": async (store) => {
    const user = await addUser(store, { lastLoginAt: noon(4) });
    const bare = sampleSession({ userId: user.id, ip: null, userAgent: null, amr: [] });
    const full = sampleSession({
      userId: user.id,
      amr: ["pwd", "otp", "mfa"],
      refreshCounter: 4_294_967_295,
      refreshedAt: noon(1),
      revokedAt: noon(2),
      revokeReason: "logout",
    });
    await store.sessions.create(bare);
    await store.sessions.create(full);
    assert.deepEqual(await store.sessions.find(bare.id), { session: bare, user });
    assert.deepEqual(await store.sessions.find(full.id), { session: full, user });
    assert.equal(await store.sessions.find(newId()), null);
  },

  "find sees a change of the user that was answered before": async (store) => {
    const session = await addSession(store);
    await store.users.change(session.userId, 0, { status: "disabled", at: noon(1) });
    const record = await store.sessions.find(session.id);
    assert.equal(record?.user.status, "disabled");
    assert.equal(record?.user.epoch, 1);
  },

  "a session of an unknown user, or under a taken id, is an error": async (store) => {
    const session = await addSession(store);
    await assertUnavailable(store.sessions.create(sampleSession({ userId: newId() })));
    await assertMistaken(store.sessions.create({ ...session, amr: ["otp"] }));
    await assertMistaken(store.transaction((tx) => tx.sessions.create(session)));
    assert.deepEqual((await store.sessions.find(session.id))?.session, session);
  },

  "listLive has the user's own live sessions, newest first": async (store) => {
    const { id: userId } = await addUser(store);
    const at = (ms: number) => addSession(store, { userId, createdAt: noon(ms) });
    const [second, third, first] = [await at(2), await at(3), await at(1)];
    await addSession(store, { userId, revokedAt: noon(), revokeReason: "logout" });
    await addSession(store);
    assert.deepEqual(await store.sessions.listLive(userId, noon(), 10), [third, second, first]);
    assert.deepEqual(await store.sessions.listLive(userId, noon(), 2), [third, second]);
    assert.deepEqual(await store.sessions.listLive(newId(), noon(), 10), []);
  },

  "listAll has every session of the user, ended ones too, newest first": async (store) => {
    const { id: userId } = await addUser(store);
    const at = (ms: number, given: Partial<Session> = {}) =>
      addSession(store, { userId, createdAt: noon(ms), ...given });
    const second = await at(2, { revokedAt: noon(3), revokeReason: "logout" });
    const [third, first] = [await at(3, { expiresAt: noon(4) }), await at(1)];
    await addSession(store);
    assert.deepEqual(await store.sessions.listAll(userId, 10), [third, second, first]);
    assert.deepEqual(await store.sessions.listAll(userId, 2), [third, second]);
    assert.deepEqual(await store.sessions.listAll(newId(), 10), []);
  },

  "a session is dead at its end, not after it: listLive": async (store) => {
    const idle = await addSession(store, { idleExpiresAt: noon(minutes(1)) });
    const absolute = await addSession(store, { expiresAt: noon(minutes(1)) });
    for (const { userId } of [idle, absolute]) {
      const live = async (ms: number) => (await store.sessions.listLive(userId, noon(ms), 10)).length;
      assert.equal(await live(minutes(1) - 1), 1);
      assert.equal(await live(minutes(1)), 0);
      assert.equal(await live(minutes(1) + 1), 0);
    }
  },

  "a session is dead at its end, not after it: rotate": async (store) => {
    for (const end of ["idleExpiresAt", "expiresAt"] as const) {
      const session = await addSession(store, { [end]: noon(minutes(1)) });
      assert.equal(await store.sessions.rotate(session.id, 0, rotation(minutes(1) + 1)), false);
      assert.equal(await store.sessions.rotate(session.id, 0, rotation(minutes(1))), false);
      assert.equal(await store.sessions.rotate(session.id, 0, rotation(minutes(1) - 1)), true);
    }
  },

  "a rotation counts up and takes the new end, address and agent": async (store) => {
    const session = await addSession(store, { refreshCounter: 6 });
    assert.equal(await store.sessions.rotate(session.id, 6, rotation(5)), true);
    const expected: Session = { ...session, ...rotation(5), refreshCounter: 7 };
    assert.deepEqual((await store.sessions.find(session.id))?.session, expected);
    assert.equal(await store.sessions.rotate(session.id, 6, rotation(6)), false);
    assert.equal(await store.sessions.rotate(session.id, 8, rotation(6)), false);
    assert.equal(await store.sessions.rotate(newId(), 0, rotation(6)), false);
    assert.deepEqual((await store.sessions.find(session.id))?.session, expected);
  },

  "of 50 rotations of one counter exactly one happens, and each loser then reads the new one": async (
    store,
  ) => {
    const session = await addSession(store);
    const counters: (number | undefined)[] = [];
    const answers = await inParallel(async () => {
      const won = await store.sessions.rotate(session.id, 0, rotation(5));
      counters.push((await store.sessions.find(session.id))?.session.refreshCounter);
      return won;
    });
    assertOneWinner(answers);
    assert.deepEqual(
      counters,
      answers.map(() => 1),
    );
  },

  "a rotation that races a logout never brings the session back": async (store) => {
    for (let round = 0; round < 20; round++) {
      const { id, userId } = await addSession(store);
      const logout = { userId, reason: "logout", at: noon(1) };
      const rotate = () => store.sessions.rotate(id, 0, rotation(2));
      const revoke = () => store.sessions.revoke(id, logout);
      const [rotated, revoked] =
        round % 2 === 0
          ? await Promise.all([rotate(), revoke()])
          : await Promise.all([revoke(), rotate()]).then(([second, first]) => [first, second] as const);
      assert.equal(revoked, true);
      const session = (await store.sessions.find(id))?.session;
      assert.deepEqual(session?.revokedAt, noon(1));
      assert.equal(session?.refreshCounter, rotated ? 1 : 0);
      assert.equal(await store.sessions.rotate(id, session?.refreshCounter ?? 0, rotation(3)), false);
    }
  },

  "a reauthentication sets the time and the means of a session that is not revoked, and rotates it": async (
    store,
  ) => {
    const session = await addSession(store);
    const { userId } = session;
    const revoked = await addSession(store, { userId, revokedAt: noon(), revokeReason: "logout" });
    const proof = { userId, expectedCounter: 0, amr: ["pwd", "otp"], at: noon(9) };
    assert.equal(await store.sessions.reauthenticate(session.id, proof), true);
    assert.equal(await store.sessions.reauthenticate(session.id, proof), false, "the counter has moved");
    const again = { ...proof, expectedCounter: 1 };
    assert.equal(await store.sessions.reauthenticate(session.id, again), true, "twice in one millisecond");
    const proven = { amr: ["pwd", "otp"], authenticatedAt: noon(9), refreshedAt: noon(9), refreshCounter: 2 };
    const expected = { ...session, ...proven };
    assert.deepEqual((await store.sessions.find(session.id))?.session, expected);

    const stranger = await addUser(store);
    assert.equal(
      await store.sessions.reauthenticate(session.id, {
        ...again,
        expectedCounter: 2,
        userId: stranger.id,
        amr: [],
      }),
      false,
    );
    assert.equal(await store.sessions.reauthenticate(revoked.id, proof), false);
    assert.equal(await store.sessions.reauthenticate(newId(), proof), false);
    assert.deepEqual((await store.sessions.find(session.id))?.session, expected);
    assert.deepEqual((await store.sessions.find(revoked.id))?.session, revoked);
  },

  "of 50 who reauthenticate or rotate one session at once, exactly one moves its counter": async (store) => {
    const { id, userId } = await addSession(store);
    const proof = { userId, expectedCounter: 0, amr: ["pwd"], at: noon(3) };
    const answers = await inParallel((caller) =>
      caller % 2 === 0 ? store.sessions.reauthenticate(id, proof) : store.sessions.rotate(id, 0, rotation(2)),
    );
    assertOneWinner(answers);
    assert.equal((await store.sessions.find(id))?.session.refreshCounter, 1);
  },
};

function rotation(ms: number): SessionRotation {
  return {
    refreshedAt: noon(ms),
    idleExpiresAt: noon(ms + minutes(600)),
    ip: "2001:db8:0:0:0:0:0:1",
    userAgent: null,
  };
}
