import assert from "node:assert/strict";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { newId, noon, sampleProof } from "./samples.ts";
import {
  addUser,
  assertMistaken,
  assertOneWinner,
  assertUnavailable,
  inParallel,
  minutes,
  type StorePromises,
} from "./support.ts";

const PSEUDONYM = "hmac:cHNldWRvbnlt";
const EMPTY = { email: "", emailCanonical: "", data: "{}" };

export const proofPromises: StorePromises = {
  "a proof comes back as it went in, whatever it is for": async (store) => {
    for (const purpose of ["signup", "sign_in", "password_reset", "login", "email_verification"] as const) {
      const proof = await open(store, { purpose });
      assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    }
    const { id: userId } = await addUser(store);
    for (const purpose of ["email_change", "invitation", "email_revert", "deletion_undo"] as const) {
      const whole = { epoch: 7, attempts: 3, sentAt: noon(1), usedAt: noon(2), data: "{}" };
      const proof = await open(store, { purpose, userId, ...whole });
      assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    }
    assert.equal(await store.proofs.find(newId(), noon()), null);
  },

  "a proof of an unknown user, or under a taken id, is an error": async (store) => {
    const proof = await open(store);
    await assertUnavailable(store.proofs.open(sampleProof({ userId: newId(), epoch: 0 })));
    await assertMistaken(store.proofs.open({ ...proof, purpose: "signup", nonce: "other" }));
    assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
  },

  "of 50 who take one proof exactly one does, and its data is gone": async (store) => {
    const proof = await open(store, { data: '{"hash":"x"}' });
    const answers = await inParallel((caller) => store.proofs.take(proof.id, noon(caller)));
    assertOneWinner(answers);
    const used = { ...proof, usedAt: noon(answers.indexOf(true)), data: "{}" };
    assert.deepEqual(await store.proofs.find(proof.id, noon()), used, "it stays, and says so");
    assert.equal(await store.proofs.take(proof.id, noon(99)), false);
    assert.equal(await store.proofs.take(newId(), noon()), false);
    assert.deepEqual(await store.proofs.find(proof.id, noon()), used);
  },

  "of 50 transactions that take one proof exactly one does": async (store) => {
    const { id } = await open(store);
    assertOneWinner(await inParallel(() => store.transaction((tx) => tx.proofs.take(id, noon()))));
  },

  "a proof is dead at its end, not after it": async (store) => {
    const end = minutes(1);
    const proof = await open(store, { expiresAt: noon(end) });
    const count = (ms: number) => store.proofs.countAttempt(proof.id, { max: 9, now: noon(ms) });
    for (const late of [end + 1, end]) {
      assert.equal(await store.proofs.find(proof.id, noon(late)), null);
      assert.equal(await count(late), false);
      assert.equal(await store.proofs.take(proof.id, noon(late)), false);
    }
    assert.deepEqual(await store.proofs.find(proof.id, noon(end - 1)), proof);
    assert.equal(await count(end - 1), true);
    assert.equal(await store.proofs.take(proof.id, noon(end - 1)), true);
  },

  "of 50 attempts exactly as many count as are allowed, at a used proof too": async (store) => {
    for (const usedAt of [null, noon()]) {
      const { id } = await open(store, { usedAt });
      const answers = await inParallel(() => store.proofs.countAttempt(id, { max: 5, now: noon() }));
      assert.equal(answers.filter(Boolean).length, 5);
      assert.equal((await store.proofs.find(id, noon()))?.attempts, 5);
      assert.equal(await store.proofs.countAttempt(id, { max: 5, now: noon() }), false);
      assert.equal(await store.proofs.countAttempt(id, { max: 6, now: noon() }), true);
    }
  },

  "no attempt counts on an unknown proof, or without any allowed": async (store) => {
    const { id } = await open(store);
    assert.equal(await store.proofs.countAttempt(newId(), { max: 5, now: noon() }), false);
    assert.equal(await store.proofs.countAttempt(id, { max: 0, now: noon() }), false);
    assert.equal((await store.proofs.find(id, noon()))?.attempts, 0);
  },

  "of 50 who bind one proof exactly one does, and the first binding stays": async (store) => {
    const users = await inParallel(() => addUser(store));
    const proof = await open(store);
    const bind = (caller: number) => store.proofs.bind(proof.id, users[caller]?.id ?? newId(), caller);
    const answers = await inParallel(bind);
    assertOneWinner(answers);
    const winner = answers.indexOf(true);
    const bound = { ...proof, userId: users[winner]?.id, epoch: winner };
    assert.deepEqual(await store.proofs.find(proof.id, noon()), bound);
    assert.equal(await bind(winner), false, "a repetition binds nothing");
    assert.equal(await bind((winner + 1) % users.length), false);
    assert.deepEqual(await store.proofs.find(proof.id, noon()), bound);
  },

  "a binding to an unknown user is an error, and one of an unknown proof is refused": async (store) => {
    const { id: userId } = await addUser(store);
    const proof = await open(store);
    await assertUnavailable(store.proofs.bind(proof.id, newId(), 0));
    assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    assert.equal(await store.proofs.bind(newId(), userId, 0), false);
  },

  "a deleted user's proofs stay without user and address, and are bound to no other user": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const opened = await open(store, { userId: user.id, epoch: 2, data: '{"old":"ada@example.com"}' });
    const bound = await open(store);
    const theirs = await open(store, { userId: other.id, epoch: 0 });
    assert.equal(await store.proofs.bind(bound.id, user.id, 3), true);
    await store.users.remove(user.id, PSEUDONYM);
    const left = { ...EMPTY, userId: null };
    assert.deepEqual(await store.proofs.find(opened.id, noon()), { ...opened, ...left });
    assert.deepEqual(await store.proofs.find(bound.id, noon()), { ...bound, ...left, epoch: 3 });
    assert.deepEqual(await store.proofs.find(theirs.id, noon()), theirs);
    assert.equal(await store.proofs.bind(opened.id, other.id, 0), false);
    assert.equal(await store.proofs.bind(bound.id, other.id, 0), false);
    assert.equal(await store.proofs.countAttempt(bound.id, { max: 5, now: noon() }), true);
  },

  "forget empties a proof that has no user, and no other": async (store) => {
    const { id: userId } = await addUser(store);
    const [unbound, bound] = [await open(store), await open(store, { userId, epoch: 0 })];
    for (const { id } of [unbound, bound, unbound]) await store.proofs.forget(id);
    await store.proofs.forget(newId());
    assert.deepEqual(await store.proofs.find(unbound.id, noon()), { ...unbound, ...EMPTY });
    assert.deepEqual(await store.proofs.find(bound.id, noon()), bound);
    assert.equal(await store.proofs.countAttempt(unbound.id, { max: 5, now: noon() }), true);
  },

  "markSent notes the last sending of one proof": async (store) => {
    const [proof, other] = [await open(store), await open(store)];
    for (const ms of [5, 5, 9]) await store.proofs.markSent(proof.id, noon(ms));
    await store.proofs.markSent(newId(), noon(1));
    assert.deepEqual(await store.proofs.find(proof.id, noon()), { ...proof, sentAt: noon(9) });
    assert.deepEqual(await store.proofs.find(other.id, noon()), other);
  },

  "endAll ends the user's own proofs that are open, and empties them": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const own = { userId: user.id, epoch: 0 };
    const ended = [await open(store, own), await open(store, { ...own, purpose: "email_change" })];
    const used = await open(store, { ...own, usedAt: noon(1) });
    const kept = await open(store, { ...own, purpose: "email_revert" });
    const foreign = await open(store, { userId: other.id, epoch: 0 });
    const unbound = await open(store);
    const ending = { keep: ["email_revert", "deletion_undo"], at: noon(7) } as const;
    assert.equal(await store.proofs.endAll(user.id, ending), 2);
    for (const proof of ended) {
      assert.deepEqual(await store.proofs.find(proof.id, noon()), {
        ...proof,
        usedAt: noon(7),
        data: "{}",
      });
    }
    for (const proof of [used, kept, foreign, unbound]) {
      assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    }
    assert.equal(await store.proofs.endAll(user.id, ending), 0);
    assert.equal(await store.proofs.endAll(user.id, { keep: [], at: noon(8) }), 1, "nothing is kept");
    assert.equal(await store.proofs.endAll(newId(), { keep: [], at: noon(8) }), 0);
  },

  "endAll ends later ones of the kept purposes too, by their epoch and not by their time": async (store) => {
    const { id: userId } = await addUser(store);
    const of = (epoch: number, createdAt: Date) =>
      open(store, { userId, epoch, createdAt, purpose: "email_revert" });
    const older = [await of(3, noon(9)), await of(4, noon(9))];
    const later = [await of(5, noon(1)), await of(6, noon(1))];
    const other = await open(store, { userId, epoch: 1, purpose: "sign_in" });
    const ending = { keep: ["email_revert"], laterThan: 4, at: noon(7) } as const;
    assert.equal(await store.proofs.endAll(userId, ending), 3);
    for (const { id } of older) assert.equal((await store.proofs.find(id, noon()))?.usedAt, null);
    for (const { id } of [...later, other]) {
      assert.deepEqual((await store.proofs.find(id, noon()))?.usedAt, noon(7));
    }
  },

  "of 50 who take or end one proof exactly one does": async (store) => {
    const { id: userId } = await addUser(store);
    const { id } = await open(store, { userId, epoch: 0 });
    const end = async () => (await store.proofs.endAll(userId, { keep: [], at: noon(7) })) === 1;
    assertOneWinner(
      await inParallel((caller) => (caller % 2 === 0 ? store.proofs.take(id, noon(1)) : end())),
    );
  },
};

async function open(store: AuthStore, given: Partial<EmailProof> = {}): Promise<EmailProof> {
  const proof = sampleProof(given);
  await store.proofs.open(proof);
  return proof;
}
