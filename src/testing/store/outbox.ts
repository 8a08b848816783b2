import assert from "node:assert/strict";
import type { LeaseId, MailId } from "../../domain/ids.ts";
import { claimMail, idsOf, putMail } from "./mail-support.ts";
import { newId, noon, sampleMail } from "./samples.ts";
import { assertMistaken, CALLERS, inParallel, minutes, type StorePromises } from "./support.ts";

export const outboxPromises: StorePromises = {
  "a mail comes back as it went in, claimed or given up": async (store) => {
    const live = sampleMail({ attempts: 3, dueAt: noon(-1), proofId: newId(), data: '{"locale":"de"}' });
    const dead = sampleMail({ kind: "sign_in", attempts: 8, dueAt: noon(-9), deadAt: noon(-5) });
    await store.outbox.put([live, dead]);
    assert.deepEqual(await store.outbox.listDead({ limit: 10 }), [dead]);
    const lease = newId<LeaseId>();
    const claimed = { ...live, attempts: 4, lease, dueAt: noon(minutes(2)) };
    assert.deepEqual(await claimMail(store, { lease }), [claimed]);
  },

  "what is put is whole: with one bad mail none is kept, and it may be empty": async (store) => {
    const mail = await putMail(store);
    await store.outbox.put([]);
    await assertMistaken(store.outbox.put([sampleMail(), { ...mail, kind: "sign_in" }]));
    assert.deepEqual(idsOf(await claimMail(store)), [mail.id]);
  },

  "no claim gets a mail that was given up, until it is revived": async (store) => {
    const mail = await putMail(store);
    const lease = newId<LeaseId>();
    await claimMail(store, { lease });
    assert.equal(await store.outbox.revive(mail.id, noon()), false, "it is not given up yet");
    const buried = await inParallel(() => store.outbox.bury(mail.id, lease, noon(7)));
    assert.equal(buried.filter(Boolean).length, 1);
    const [dead] = await store.outbox.listDead({ limit: 10 });
    assert.deepEqual([dead?.id, dead?.deadAt, dead?.attempts, dead?.lease], [mail.id, noon(7), 1, null]);
    assert.equal(await store.outbox.settle(mail.id, lease), false);
    assert.deepEqual(await claimMail(store, { ms: minutes(9) }), []);
    assert.equal(await store.outbox.oldest(noon(minutes(9))), null);

    const revived = await inParallel(() => store.outbox.revive(mail.id, noon(minutes(9))));
    assert.equal(revived.filter(Boolean).length, 1);
    assert.equal(await store.outbox.revive(newId(), noon()), false);
    assert.deepEqual(await store.outbox.listDead({ limit: 10 }), []);
    assert.deepEqual(await claimMail(store, { ms: minutes(9) - 1 }), []);
    assert.equal((await claimMail(store, { ms: minutes(9) }))[0]?.attempts, 1);
  },

  "dead mail is listed newest first, in pages that have each once": async (store) => {
    const mails = Array.from({ length: 25 }, (_, ms) =>
      sampleMail({ createdAt: noon(ms), deadAt: noon(100 - ms) }),
    );
    await store.outbox.put([...mails, sampleMail({ createdAt: noon(9) })]);
    const seen: MailId[] = [];
    for (let page = 0; page < 4; page++) {
      seen.push(...idsOf(await store.outbox.listDead({ limit: 10, before: seen.at(-1) })));
    }
    assert.deepEqual(seen, idsOf(mails).reverse());
  },

  "every one of many parallel puts is kept": async (store) => {
    await inParallel(() => store.outbox.put([sampleMail(), sampleMail()]));
    assert.equal((await claimMail(store, { limit: 200 })).length, 2 * CALLERS);
  },
};
