import assert from "node:assert/strict";
import { addMs } from "../../domain/duration.ts";
import type { AuthStore, PurgeCutoffs } from "../../ports/auth-store.ts";
import {
  noon,
  sampleCredential,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
} from "./samples.ts";
import { addUser, inParallel, minutes, type StorePromises } from "./support.ts";

const CUTOFFS: PurgeCutoffs = Object.freeze({
  now: noon(),
  eventsBefore: noon(-minutes(60)),
  endedSessionsBefore: noon(-minutes(30)),
  deadMailBefore: noon(-minutes(20)),
});

export const purgePromises: StorePromises = {
  "tokens go once they have expired": async (store) => {
    const { id: userId } = await addUser(store);
    const [past, due, alive] = [-1, 0, 1].map((ms) => sampleToken({ userId, expiresAt: noon(ms) }));
    for (const token of [past, due, alive]) await store.tokens.issue(token ?? sampleToken({ userId }));
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 2, more: false });
    const early = noon(-minutes(1));
    assert.equal(await store.tokens.find("password_reset", past?.hash ?? "", early), null);
    assert.equal(await store.tokens.find("password_reset", due?.hash ?? "", early), null);
    assert.deepEqual(await store.tokens.find("password_reset", alive?.hash ?? "", early), alive);
  },

  "proofs go once they have expired, used or not": async (store) => {
    const opened = async (ms: number, usedAt: Date | null = null) => {
      const proof = sampleProof({ expiresAt: noon(ms), usedAt });
      await store.proofs.open(proof);
      return proof;
    };
    await Promise.all([opened(-1), opened(0), opened(0, noon(-9))]);
    const [alive, used] = [await opened(1), await opened(1, noon(-9))];
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 3, more: false });
    assert.deepEqual(await store.proofs.find(alive.id, noon()), alive);
    assert.deepEqual(await store.proofs.find(used.id, noon()), used);
  },

  "mail goes once it has been dead for long enough, and mail that waits stays": async (store) => {
    const dead = (ms: number) => sampleMail({ createdAt: noon(ms), deadAt: noon(ms - minutes(20)) });
    const [due, atCutoff, later] = [dead(-1), dead(0), dead(1)];
    const waiting = sampleMail({ dueAt: noon(-minutes(600)) });
    await store.outbox.put([due, atCutoff, later, waiting]);
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 1, more: false });
    assert.deepEqual(await store.outbox.listDead({ limit: 10 }), [later, atCutoff]);
    assert.deepEqual(await store.outbox.oldest(noon()), waiting.dueAt);
  },

  "sessions go once they have been over for long enough": async (store) => {
    const { id: userId } = await addUser(store);
    for (const end of ["expiresAt", "revokedAt"] as const) {
      const ending = (ms: number) => sampleSession({ userId, [end]: noon(ms - minutes(30)) });
      const [due, atCutoff, later] = [ending(-1), ending(0), ending(1)];
      for (const session of [due, atCutoff, later]) await store.sessions.create(session);
      assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 1, more: false });
      assert.equal(await store.sessions.find(due.id), null);
      assert.deepEqual((await store.sessions.find(atCutoff.id))?.session, atCutoff);
      assert.deepEqual((await store.sessions.find(later.id))?.session, later);
    }
  },

  "a session that only idled out stays until its absolute end": async (store) => {
    const { id: userId } = await addUser(store);
    const session = sampleSession({ userId, idleExpiresAt: noon(-minutes(300)) });
    await store.sessions.create(session);
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 0, more: false });
    assert.deepEqual((await store.sessions.find(session.id))?.session, session);
    const later = { ...CUTOFFS, endedSessionsBefore: addMs(session.expiresAt, 1) };
    assert.deepEqual(await store.purge(later, 10), { deleted: 1, more: false });
  },

  "events go once they are old enough, those of no user too": async (store) => {
    const { id: userId } = await addUser(store);
    const at = (ms: number) => sampleEvent({ userId, occurredAt: noon(ms - minutes(60)) });
    const [old, atCutoff, later] = [at(-1), at(0), at(1)];
    await store.events.append([old, atCutoff, later, { ...at(-1), userId: null }]);
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 2, more: false });
    assert.deepEqual(await store.events.list({ userId, limit: 10 }), [later, atCutoff]);
  },

  "events that a wrong clock dated ahead stay, and are told": async (store) => {
    const { id: userId } = await addUser(store);
    const at = (ms: number) => sampleEvent({ userId, occurredAt: noon(ms) });
    await store.events.append([at(minutes(60)), at(minutes(60 * 24 * 400)), at(minutes(60 * 24 * 401))]);
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 0, more: false, ahead: 2 });
    const later = { ...CUTOFFS, now: noon(minutes(60 * 24 * 400) + 1) };
    assert.deepEqual(await store.purge(later, 10), { deleted: 0, more: false });
  },

  "what is alive stays": async (store) => {
    const user = await addUser(store);
    const password = sampleCredential({ userId: user.id });
    const session = sampleSession({ userId: user.id });
    await store.credentials.add(password);
    await store.sessions.create(session);
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 0, more: false });
    assert.deepEqual(await store.users.findForLogin(user.emailCanonical), { user, password });
    assert.deepEqual((await store.sessions.find(session.id))?.session, session);
  },

  "at most the limit of each kind goes at once, and more says to call again": async (store) => {
    await addDead(store, 25);
    const first = await store.purge(CUTOFFS, 10);
    assert.deepEqual(first, { deleted: 50, more: true });
    const second = await store.purge(CUTOFFS, 10);
    assert.deepEqual(second, { deleted: 50, more: true });
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 25, more: false });
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 0, more: false });
  },

  "more is said also when one kind alone has rows left": async (store) => {
    const { id: userId } = await addUser(store);
    for (let row = 0; row < 11; row++) {
      await store.tokens.issue(sampleToken({ userId, expiresAt: noon(-1) }));
    }
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 10, more: true });
    assert.deepEqual(await store.purge(CUTOFFS, 10), { deleted: 1, more: false });
  },

  "many rows go in one call where the limit allows it": async (store) => {
    await addDead(store, 1_200);
    assert.deepEqual(await store.purge(CUTOFFS, 5_000), { deleted: 6_000, more: false });
  },

  "many who purge at once delete each row once": async (store) => {
    await addDead(store, 100);
    const answers = await inParallel(() => store.purge(CUTOFFS, 10));
    const deleted = answers.reduce((sum, answer) => sum + answer.deleted, 0);
    assert.ok(deleted <= 500);
    let rest = 0;
    for (let call = 0, more = true; more; call++) {
      assert.ok(call <= 51, "more must come to an end");
      const answer = await store.purge(CUTOFFS, 10);
      rest += answer.deleted;
      more = answer.more;
    }
    assert.equal(deleted + rest, 500);
  },
};

/** As many dead tokens, proofs, mails, sessions and events. */
async function addDead(store: AuthStore, count: number): Promise<void> {
  const { id: userId } = await addUser(store);
  const long = noon(-minutes(120));
  const addSome = (some: number): Promise<void> =>
    store.transaction(async (tx) => {
      for (let row = 0; row < some; row++) {
        await tx.tokens.issue(sampleToken({ userId, expiresAt: long }));
        await tx.proofs.open(sampleProof({ expiresAt: long }));
        await tx.sessions.create(sampleSession({ userId, expiresAt: long }));
      }
      await tx.outbox.put(Array.from({ length: some }, () => sampleMail({ deadAt: long })));
      await tx.events.append(Array.from({ length: some }, () => sampleEvent({ userId, occurredAt: long })));
    });
  // A store bounds the time of a transaction.
  for (let left = count; left > 0; left -= 100) await addSome(Math.min(left, 100));
}
