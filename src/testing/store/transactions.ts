import assert from "node:assert/strict";
import type { AuthStore } from "../../ports/auth-store.ts";
import {
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
  sampleUser,
} from "./samples.ts";
import {
  addUser,
  assertOneWinner,
  assertRefusedAtOnce,
  CALLERS,
  inParallel,
  type StorePromises,
} from "./support.ts";

export const transactionPromises: StorePromises = {
  "what the work returned is returned, and what it wrote is there": async (store) => {
    const user = sampleUser();
    const answer = await store.transaction(async (tx) => {
      await tx.users.create(user);
      assert.deepEqual(await tx.users.find(user.id), user, "its own writes are visible to the work");
      return "answer";
    });
    assert.equal(answer, "answer");
    assert.deepEqual(await store.users.find(user.id), user);
  },

  "work that throws leaves nothing behind, and its error passes as it is": async (store) => {
    const known = await addUser(store);
    const added = sampleUser();
    const session = sampleSession({ userId: added.id });
    const token = sampleToken({ userId: added.id });
    const proof = sampleProof({ userId: added.id, epoch: 0 });
    const failure = new TypeError("the work's own");
    const work = async (tx: AuthStore): Promise<void> => {
      await tx.users.create(added);
      await tx.users.change(known.id, 0, { emailCanonical: "moved@example.com", at: noon(1) });
      await tx.credentials.add(sampleCredential({ userId: known.id }));
      await tx.sessions.create(session);
      await tx.tokens.issue(token);
      await tx.proofs.open(proof);
      await tx.outbox.put([sampleMail()]);
      await tx.events.append([sampleEvent({ userId: known.id })]);
      throw failure;
    };
    await assert.rejects(store.transaction(work), (error) => error === failure);
    assert.equal(await store.users.find(added.id), null);
    assert.deepEqual(await store.users.findForLogin(known.emailCanonical), { user: known, password: null });
    assert.equal(await store.users.findForLogin("moved@example.com"), null);
    assert.equal(await store.sessions.find(session.id), null);
    assert.equal(await store.tokens.find(token.purpose, token.hash, noon()), null);
    assert.equal(await store.proofs.find(proof.id, noon()), null);
    assert.equal(await store.outbox.oldest(noon()), null);
    assert.deepEqual(await store.events.list({ userId: known.id, limit: 10 }), []);
    assert.equal(await store.users.create(added), true, "the next call works");
  },

  "work that throws brings back what it had removed": async (store) => {
    const user = await addUser(store);
    const session = sampleSession({ userId: user.id });
    const event = sampleEvent({ userId: user.id });
    const proof = sampleProof({ userId: user.id, epoch: 0 });
    await store.sessions.create(session);
    await store.proofs.open(proof);
    await store.events.append([event]);
    const failing = store.transaction(async (tx) => {
      await tx.sessions.revoke(session.id, { userId: user.id, reason: "test", at: noon() });
      await tx.users.remove(user.id, "hmac:cHNldWRvbnlt");
      throw new TypeError("after all");
    });
    await assert.rejects(failing, TypeError);
    assert.deepEqual(await store.sessions.find(session.id), { session, user });
    assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10 }), [event]);
    assert.equal(await store.users.create(sampleUser({ emailCanonical: user.emailCanonical })), false);
  },

  "a refusal is no failure: the transaction goes on after it": async (store) => {
    const user = await addUser(store);
    const password = sampleCredential({ userId: user.id });
    await store.credentials.add(password);
    const other = await addUser(store);
    await store.transaction(async (tx) => {
      const { emailCanonical } = user;
      assert.equal(await tx.users.create(sampleUser({ emailCanonical })), false);
      assert.equal(await tx.credentials.add({ ...password, id: newId() }), false);
      assert.equal(await tx.users.change(other.id, 0, { emailCanonical, at: noon() }), "conflict");
      await tx.events.append([sampleEvent({ userId: user.id, outcome: "failure" })]);
    });
    assert.equal((await store.events.list({ userId: user.id, limit: 10 })).length, 1);
  },

  "a transaction in which a verb failed never commits, even when the work goes on": async (store) => {
    const user = await addUser(store);
    const careless = store.transaction(async (tx) => {
      await tx.events.append([sampleEvent({ userId: user.id })]);
      await tx.sessions.create(sampleSession({ userId: newId() })).catch(() => undefined);
    });
    await assert.rejects(careless);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10 }), []);
  },

  "of 50 transactions that sign up with one email exactly one commits": async (store) => {
    const emailCanonical = "ada@example.com";
    const answers = await inParallel(() =>
      store.transaction(async (tx) => {
        const user = sampleUser({ emailCanonical });
        if (!(await tx.users.create(user))) return false;
        await tx.credentials.add(sampleCredential({ userId: user.id }));
        return true;
      }),
    );
    assertOneWinner(answers);
    assert.notEqual((await store.users.findForLogin(emailCanonical))?.password, null);
  },

  "no update is lost between parallel transactions": async (store) => {
    const { id } = await addUser(store);
    const answers = await inParallel(() =>
      store.transaction(async (tx) =>
        tx.users.change(id, (await tx.users.find(id))?.epoch ?? -1, { at: noon() }),
      ),
    );
    const changed = answers.filter((answer) => answer === "changed").length;
    assert.ok(changed >= 1 && changed <= CALLERS);
    assert.equal((await store.users.find(id))?.epoch, changed);
  },

  "a transaction is neither nested nor closed from inside": async (store) => {
    await store.transaction(async (tx) => {
      await assertRefusedAtOnce(() => tx.transaction(async () => undefined));
      await assertRefusedAtOnce(() => tx.close());
    });
    await addUser(store);
  },

  "its store is of no use once the transaction is over": async (store) => {
    const { id } = await addUser(store);
    const leaked = await store.transaction(async (tx) => ({ tx })).then(({ tx }) => tx);
    await assertRefusedAtOnce(() => leaked.users.change(id, 0, { at: noon() }));
    await assertRefusedAtOnce(() => leaked.events.append([sampleEvent()]));
    assert.equal((await store.users.find(id))?.epoch, 0);
  },
};
