import assert from "node:assert/strict";
import { newId, noon, sampleEvent, sampleMail, sampleUser } from "./samples.ts";
import { addUser, assertUnavailable, cutoffsAt, type StorePromises } from "./support.ts";

export const closePromises: StorePromises = {
  "a closed store answers nothing, and can be closed again": async (store) => {
    await addUser(store);
    await store.close();
    await store.close();
    await assertUnavailable(store.users.find(newId()));
    await assertUnavailable(store.users.create(sampleUser()));
    await assertUnavailable(store.sessions.find(newId()));
    await assertUnavailable(store.proofs.find(newId(), noon()));
    await assertUnavailable(store.outbox.put([sampleMail()]));
    await assertUnavailable(store.events.append([sampleEvent()]));
    await assertUnavailable(store.transaction(async () => undefined));
    await assertUnavailable(store.purge(cutoffsAt(), 1));
  },

  "a store that was never used closes too": async (store) => {
    await Promise.all([store.close(), store.close()]);
    await assertUnavailable(store.users.find(newId()));
  },

  "what was begun before the closing is finished": async (store) => {
    const user = await addUser(store);
    const begun = store.transaction(async (tx) => {
      await tx.users.admit(user.id, 0, noon(1));
      return tx.users.find(user.id);
    });
    await store.close();
    assert.deepEqual((await begun)?.lastLoginAt, noon(1));
  },
};
