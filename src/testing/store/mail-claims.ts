import assert from "node:assert/strict";
import type { LeaseId, MailId } from "../../domain/ids.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { claimMail, idsOf, putMail } from "./mail-support.ts";
import { newId, noon, sampleMail } from "./samples.ts";
import { inParallel, minutes, type StorePromises } from "./support.ts";

export const mailClaimPromises: StorePromises = {
  "a mail is due at its moment, not before it": async (store) => {
    const [early, due, late] = [await putMail(store, -1), await putMail(store, 0), await putMail(store, 1)];
    assert.deepEqual(await store.outbox.oldest(noon()), noon(-1));
    assert.deepEqual(idsOf(await claimMail(store)), [early.id, due.id]);
    assert.equal(await store.outbox.oldest(noon()), null);
    assert.deepEqual(await store.outbox.oldest(noon(1)), noon(1));
    assert.deepEqual(idsOf(await claimMail(store, { ms: 1 })), [late.id]);
  },

  "the longest due are claimed first, and no more than the limit": async (store) => {
    const [third, first, second] = [
      await putMail(store, -1),
      await putMail(store, -9),
      await putMail(store, -5),
    ];
    assert.deepEqual(idsOf(await claimMail(store, { limit: 2 })), [first.id, second.id]);
    assert.deepEqual(idsOf(await claimMail(store, { limit: 2 })), [third.id]);
    assert.deepEqual(await claimMail(store), []);
  },

  "a claim gets the mail of its application alone, however much of another one is due": async (store) => {
    const [first, second] = [sampleMail({ audience: "shop" }), sampleMail({ audience: "Shop" })];
    await store.outbox.put([
      ...Array.from({ length: 20 }, () => sampleMail({ dueAt: noon(-9) })),
      first,
      second,
    ]);
    assert.deepEqual(idsOf(await claimMail(store, { audience: "shop", limit: 5 })), [first.id]);
    assert.deepEqual(idsOf(await claimMail(store, { audience: "Shop", limit: 5 })), [second.id]);
    assert.deepEqual(await claimMail(store, { audience: "sho" }), []);
    assert.equal((await claimMail(store, { limit: 50 })).length, 20);
  },

  "of 50 who claim one mail exactly one has it, until the claim runs out": async (store) => {
    const { id } = await putMail(store);
    const answers = await inParallel(() => claimMail(store));
    assert.equal(answers.flat().length, 1, "exactly one of the parallel callers must win");
    assert.deepEqual(await claimMail(store, { ms: minutes(2) - 1 }), []);
    const again = await inParallel(() => claimMail(store, { ms: minutes(2) }));
    assert.deepEqual(
      again.flat().map((mail) => [mail.id, mail.attempts]),
      [[id, 2]],
    );
  },

  "of many mails that 50 claim at once each goes to one of them": async (store) => {
    const mails = Array.from({ length: 60 }, (_, ms) => sampleMail({ dueAt: noon(-ms) }));
    await store.outbox.put(mails);
    const seen: MailId[] = [];
    for (let round = 0; seen.length < mails.length; round++) {
      assert.ok(round < mails.length, "each round must claim at least one");
      seen.push(...idsOf((await inParallel(() => claimMail(store, { limit: 5 }))).flat()));
    }
    assert.deepEqual(seen.sort(), idsOf(mails).sort());
  },

  "a claim within a transaction that rolls back claims nothing": async (store) => {
    const mail = await putMail(store);
    const failing = store.transaction(async (tx) => {
      assert.deepEqual(idsOf(await claimMail(tx)), [mail.id]);
      throw new TypeError("after all");
    });
    await assert.rejects(failing, TypeError);
    assert.equal((await claimMail(store))[0]?.attempts, 1);
  },

  "a lost lease settles nothing": async (store) => {
    const { id } = await putMail(store);
    const [lost, held] = [newId<LeaseId>(), newId<LeaseId>()];
    await claimMail(store, { lease: lost });
    await claimMail(store, { lease: held, ms: minutes(2) });
    assert.equal(await store.outbox.settle(id, lost), false);
    assert.equal(await store.outbox.postpone(id, lost, noon()), false);
    assert.equal(await store.outbox.bury(id, lost, noon()), false);
    assert.deepEqual(await store.outbox.listDead({ limit: 10 }), []);
    assert.deepEqual(await claimMail(store, { ms: minutes(4) - 1 }), [], "the other claim still has it");
    assert.equal(await store.outbox.settle(id, held), true);
  },

  "a claim that ran out settles as long as no other one has the mail": async (store) => {
    const { id } = await putMail(store);
    const lease = newId<LeaseId>();
    await claimMail(store, { lease });
    assert.deepEqual(await store.outbox.oldest(noon(minutes(3))), noon(minutes(2)));
    assert.equal(await store.outbox.settle(id, lease), true);
    assert.equal(await store.outbox.oldest(noon(minutes(3))), null);
  },

  "a settled mail is gone, and settles once": async (store) => {
    const [{ id }, other] = [await putMail(store, -1), await putMail(store)];
    const lease = newId<LeaseId>();
    await claimMail(store, { lease, limit: 1 });
    const answers = await inParallel(() => store.outbox.settle(id, lease));
    assert.equal(answers.filter(Boolean).length, 1);
    assert.deepEqual(idsOf(await claimMail(store, { ms: minutes(9) })), [other.id]);
  },

  "a postponed mail is due again at its moment, under no lease": async (store) => {
    const mail = await putMail(store);
    const lease = newId<LeaseId>();
    await claimMail(store, { lease });
    const answers = await inParallel(() => store.outbox.postpone(mail.id, lease, noon(5)));
    assert.equal(answers.filter(Boolean).length, 1, "it is postponed once");
    assert.equal(await store.outbox.settle(mail.id, lease), false);
    assert.deepEqual(await claimMail(store, { ms: 4 }), []);
    const next = newId<LeaseId>();
    const claimed = { ...mail, attempts: 2, lease: next, dueAt: noon(5 + minutes(2)) };
    assert.deepEqual(await claimMail(store, { ms: 5, lease: next }), [claimed]);
  },

  "a worker whose claim ran out ends it, or another one claims: never both": async (store) => {
    const endings: readonly ((id: MailId, lease: LeaseId) => Promise<boolean>)[] = [
      (id, lease) => store.outbox.settle(id, lease),
      (id, lease) => store.outbox.bury(id, lease, noon()),
      (id, lease) => store.outbox.postpone(id, lease, noon(minutes(9))),
    ];
    for (const [round, end] of [...endings, ...endings].entries()) {
      const { id } = await putMail(store, -1);
      const lease = newId<LeaseId>();
      await claimMail(store, { lease });
      const answers = await inParallel(async (caller) => {
        if (caller === round * 8) return (await end(id, lease)) ? 1 : 0;
        return (await claimMail(store, { ms: minutes(2) })).length;
      });
      const winners = answers.filter((answer) => answer > 0);
      assert.deepEqual(winners, [1], "exactly one of the parallel callers must win");
      await clear(store);
    }
  },
};

/** Settles whatever is left. */
async function clear(store: AuthStore): Promise<void> {
  const lease = newId<LeaseId>();
  for (const { id } of await claimMail(store, { ms: minutes(60), lease }))
    await store.outbox.settle(id, lease);
}
