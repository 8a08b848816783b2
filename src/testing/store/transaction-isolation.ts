import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { AuthStore } from "../../ports/auth-store.ts";
import { noon, sampleEvent, sampleMail, sampleUser } from "./samples.ts";
import { addUser, assertRefusedAtOnce, cutoffsAt, type StorePromises } from "./support.ts";

export const transactionIsolationPromises: StorePromises = {
  "no call outside sees what is not committed": async (store) => {
    const user = sampleUser();
    const open = await openTransaction(store, async (tx) => {
      await tx.users.create(user);
    });
    const seen = store.users.find(user.id);
    await answeredOrWaiting(seen);
    await open.rollBack();
    assert.equal(await seen, null);
    assert.equal(await store.users.find(user.id), null);
  },

  "an event written beside a transaction stays when that one rolls back": async (store) => {
    const user = await addUser(store);
    const event = sampleEvent({ userId: user.id, outcome: "failure" });
    const open = await openTransaction(store, async (tx) => {
      await tx.events.append([sampleEvent({ userId: user.id })]);
    });
    const appended = store.events.append([event]);
    await answeredOrWaiting(appended);
    await open.rollBack();
    await appended;
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10 }), [event]);
  },

  "a transaction that rolls back does not undo the one that follows it": async (store) => {
    const user = sampleUser();
    const open = await openTransaction(store, async () => undefined);
    const following = store.transaction((tx) => tx.users.create(user));
    await answeredOrWaiting(following);
    await open.rollBack();
    assert.equal(await following, true);
    assert.deepEqual(await store.users.find(user.id), user);
  },

  "the outer store throws at once inside a transaction's work, and is fine after it": async (store) => {
    const { id } = await addUser(store);
    await store.transaction(async (tx) => {
      await tx.users.admit(id, 0, noon(1));
      await assertRefusedAtOnce(() => store.users.find(id));
      await assertRefusedAtOnce(() => store.users.change(id, 0, { at: noon() }));
      await assertRefusedAtOnce(() => store.outbox.put([sampleMail()]));
      await assertRefusedAtOnce(() => store.events.append([sampleEvent()]));
      await assertRefusedAtOnce(() => store.transaction(async () => undefined));
      await assertRefusedAtOnce(() => store.purge(cutoffsAt(), 10));
      await assertRefusedAtOnce(async () =>
        Promise.all(
          [1, 2].map(() => store.sessions.revokeAll(null, { userId: id, reason: "test", at: noon() })),
        ),
      );
      await assertRefusedAtOnce(() => store.close());
    });
    const user = await store.users.find(id);
    assert.deepEqual(user?.lastLoginAt, noon(1));
    assert.equal(user?.epoch, 0);
  },

  "what the work starts and leaves may use the outer store once the transaction is over": async (store) => {
    const user = await addUser(store);
    const { promise: over, resolve: finish } = Promise.withResolvers<void>();
    const later = await store.transaction(async () => ({
      found: over.then(() => store.users.find(user.id)),
    }));
    finish();
    assert.deepEqual(await later.found, user);
  },
};

interface OpenTransaction {
  rollBack(): Promise<void>;
}

/** A transaction that has done its work, but has neither committed nor rolled back. */
async function openTransaction(
  store: AuthStore,
  work: (tx: AuthStore) => Promise<void>,
): Promise<OpenTransaction> {
  const worked = Promise.withResolvers<void>();
  const decided = Promise.withResolvers<never>();
  const rolledBack = assert.rejects(
    store.transaction(async (tx) => {
      await work(tx).then(worked.resolve, worked.reject);
      return decided.promise;
    }),
    RangeError,
  );
  await worked.promise;
  return {
    rollBack: () => {
      decided.reject(new RangeError("rolled back by the test"));
      return rolledBack;
    },
  };
}

/** A store may answer beside an open transaction or wait for its end. A dirty read would answer by now. */
async function answeredOrWaiting(answer: Promise<unknown>): Promise<void> {
  await Promise.race([answer, pause(50)]);
}
