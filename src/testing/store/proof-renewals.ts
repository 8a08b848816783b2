import assert from "node:assert/strict";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { AuthStore, ProofRenewal } from "../../ports/auth-store.ts";
import { noon, sampleProof } from "./samples.ts";
import { CALLERS, inParallel, minutes, type StorePromises } from "./support.ts";

const EMAIL = "ada@example.com";

export const proofRenewalPromises: StorePromises = {
  "the proof that was sent last lives longer, and no other": async (store) => {
    const [second, last, first] = [await sent(store, 2), await sent(store, 3), await sent(store, 1)];
    const renewed = { ...last, expiresAt: noon(minutes(90)) };
    assert.deepEqual(await renew(store, { expiresAt: noon(minutes(90)) }), renewed);
    assert.deepEqual(await store.proofs.find(last.id, noon()), renewed);
    for (const proof of [first, second]) assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
  },

  "one that has expired lives again": async (store) => {
    const proof = await sent(store, 1, { expiresAt: noon(2) });
    const renewed = { ...proof, expiresAt: noon(minutes(90)) };
    assert.deepEqual(await renew(store, { expiresAt: noon(minutes(90)) }), renewed);
    assert.deepEqual(await store.proofs.find(proof.id, noon(minutes(90) - 1)), renewed);
    assert.equal(await store.proofs.find(proof.id, noon(minutes(90))), null);
  },

  "one that lives long enough stays as it is, and is answered": async (store) => {
    const proof = await sent(store, 1, { expiresAt: noon(minutes(100)) });
    for (const end of [minutes(99), minutes(100)]) {
      assert.deepEqual(await renew(store, { expiresAt: noon(end) }), proof);
    }
    assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
  },

  "only one of the address and the purpose counts, that was sent and is neither used nor ended": async (
    store,
  ) => {
    const others = [
      await sent(store, 9, { emailCanonical: "ada@example.org" }),
      await sent(store, 9, { emailCanonical: "Ada@example.com" }),
      await sent(store, 9, { purpose: "signup" }),
      await sent(store, 9, { usedAt: noon(1) }),
      await sent(store, 9, { sentAt: null }),
    ];
    assert.equal(await renew(store), null);
    for (const proof of others) assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    const { id } = await sent(store, 1);
    assert.equal((await renew(store))?.id, id);
    await store.proofs.take(id, noon());
    assert.equal(await renew(store), null);
  },

  "one that was sent at the moment or earlier does not count": async (store) => {
    const { id } = await sent(store, 5);
    assert.equal(await renew(store, { sentAfter: noon(6) }), null);
    assert.equal(await renew(store, { sentAfter: noon(5) }), null);
    assert.equal((await renew(store, { sentAfter: noon(4) }))?.id, id);
  },

  "of 50 renewals the latest end stays, and each answer lives as long as it was asked to": async (store) => {
    const { id } = await sent(store, 1);
    const end = (caller: number) => noon(minutes(90) + ((caller * 7) % CALLERS));
    const answers = await inParallel((caller) => renew(store, { expiresAt: end(caller) }));
    for (const [caller, answer] of answers.entries()) {
      assert.equal(answer?.id, id);
      assert.ok(answer && answer.expiresAt >= end(caller));
    }
    assert.deepEqual((await store.proofs.find(id, noon()))?.expiresAt, noon(minutes(90) + CALLERS - 1));
  },

  "a renewal beside the use of a proof brings nothing back": async (store) => {
    const { id } = await sent(store, 1);
    const answers = await inParallel(async (caller) => {
      if (caller === 25) return store.proofs.take(id, noon());
      return renew(store, { expiresAt: noon(minutes(90) + caller) });
    });
    assert.equal(answers[25], true);
    assert.deepEqual((await store.proofs.find(id, noon()))?.usedAt, noon());
    assert.equal(await renew(store), null);
  },
};

function renew(store: AuthStore, given: Partial<ProofRenewal> = {}): Promise<EmailProof | null> {
  const renewal = { sentAfter: noon(-minutes(60)), expiresAt: noon(minutes(90)), ...given };
  return store.proofs.renew("password_reset", EMAIL, renewal);
}

async function sent(store: AuthStore, ms: number, given: Partial<EmailProof> = {}): Promise<EmailProof> {
  const proof = sampleProof({ emailCanonical: EMAIL, sentAt: noon(ms), ...given });
  await store.proofs.open(proof);
  return proof;
}
