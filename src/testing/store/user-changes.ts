import assert from "node:assert/strict";
import { newId, noon, sampleSession } from "./samples.ts";
import { addUser, assertOneWinner, inParallel, type StorePromises } from "./support.ts";

export const userChangePromises: StorePromises = {
  "admit notes the login of an active user of the expected epoch": async (store) => {
    const user = await addUser(store, { epoch: 3 });
    assert.equal(await store.users.admit(user.id, 3, noon(5)), true);
    assert.deepEqual(await store.users.find(user.id), { ...user, lastLoginAt: noon(5) });
  },

  "two logins in one millisecond are both admitted": async (store) => {
    const user = await addUser(store, { epoch: 3 });
    assert.equal(await store.users.admit(user.id, 3, noon(5)), true);
    assert.equal(await store.users.admit(user.id, 3, noon(5)), true);
    assert.equal(await store.transaction((tx) => tx.users.admit(user.id, 3, noon(5))), true);
    assert.equal(await store.users.admit(user.id, 2, noon(5)), false);
  },

  "admit refuses another epoch, a disabled user and an unknown one, and notes nothing": async (store) => {
    const user = await addUser(store, { epoch: 3 });
    const disabled = await addUser(store, { status: "disabled" });
    const leaving = await addUser(store, { status: "deleting", deleteAfter: noon(9) });
    assert.equal(await store.users.admit(user.id, 2, noon(5)), false);
    assert.equal(await store.users.admit(user.id, 4, noon(5)), false);
    assert.equal(await store.users.admit(disabled.id, 0, noon(5)), false);
    assert.equal(await store.users.admit(leaving.id, 0, noon(5)), false);
    assert.equal(await store.users.admit(newId(), 0, noon(5)), false);
    assert.deepEqual(await store.users.find(user.id), user);
    assert.deepEqual(await store.users.find(disabled.id), disabled);
    assert.deepEqual(await store.users.find(leaving.id), leaving);
  },

  "of 50 who verify one address exactly one does, and the epoch stays": async (store) => {
    const user = await addUser(store, { epoch: 3 });
    const answers = await inParallel((caller) => store.users.verify(user.id, 3, noon(caller)));
    assertOneWinner(answers);
    const verified = { ...user, emailVerifiedAt: noon(answers.indexOf(true)) };
    assert.deepEqual(await store.users.find(user.id), verified);
    assert.equal(await store.users.verify(user.id, 3, noon(99)), false);
    assert.deepEqual(await store.users.find(user.id), verified);
  },

  "no address is verified under another epoch, of a user who is not active, or of an unknown one": async (
    store,
  ) => {
    const user = await addUser(store, { epoch: 3 });
    const disabled = await addUser(store, { status: "disabled" });
    const leaving = await addUser(store, { status: "deleting", deleteAfter: noon(9) });
    assert.equal(await store.users.verify(user.id, 2, noon(5)), false);
    assert.equal(await store.users.verify(user.id, 4, noon(5)), false);
    assert.equal(await store.users.verify(disabled.id, 0, noon(5)), false);
    assert.equal(await store.users.verify(leaving.id, 0, noon(5)), false);
    assert.equal(await store.users.verify(newId(), 0, noon(5)), false);
    for (const { id } of [user, disabled, leaving]) {
      assert.equal((await store.users.find(id))?.emailVerifiedAt, null);
    }
  },

  "a change sets the time of the deletion, leaves it, and takes it back": async (store) => {
    const user = await addUser(store);
    const leaving = { status: "deleting", deleteAfter: noon(9) } as const;
    assert.equal(await store.users.change(user.id, 0, { ...leaving, at: noon(1) }), "changed");
    const expected = { ...user, ...leaving, epoch: 1, updatedAt: noon(1) };
    assert.deepEqual(await store.users.find(user.id), expected);
    assert.equal(await store.users.change(user.id, 1, { at: noon(2) }), "changed");
    assert.deepEqual(await store.users.find(user.id), { ...expected, epoch: 2, updatedAt: noon(2) });
    const back = { status: "active", deleteAfter: null } as const;
    assert.equal(await store.users.change(user.id, 2, { ...back, at: noon(3) }), "changed");
    assert.deepEqual(await store.users.find(user.id), { ...user, epoch: 3, updatedAt: noon(3) });
  },

  "a change counts the epoch up and touches only the fields it was given": async (store) => {
    const user = await addUser(store, { emailVerifiedAt: noon(1) });
    assert.equal(await store.users.change(user.id, 0, { at: noon(2) }), "changed");
    assert.deepEqual(await store.users.find(user.id), { ...user, epoch: 1, updatedAt: noon(2) });

    const next = { email: "New@Example.org", emailCanonical: "new@example.org", emailVerifiedAt: null };
    const disabled = { ...next, status: "disabled", at: noon(3) } as const;
    assert.equal(await store.users.change(user.id, 1, disabled), "changed");
    const expected = { ...user, ...next, status: "disabled", epoch: 2, updatedAt: noon(3) };
    assert.deepEqual(await store.users.find(user.id), expected);
    assert.equal(await store.users.findForLogin(user.emailCanonical), null);

    assert.equal(await store.users.change(user.id, 2, { emailVerifiedAt: noon(4), at: noon(4) }), "changed");
    assert.deepEqual((await store.users.find(user.id))?.emailVerifiedAt, noon(4));
  },

  "a change of another epoch is stale, and changes nothing": async (store) => {
    const user = await addUser(store, { epoch: 2 });
    const taken = await addUser(store);
    const next = { email: taken.email, emailCanonical: taken.emailCanonical, at: noon(1) };
    assert.equal(await store.users.change(user.id, 1, { status: "disabled", at: noon(1) }), "stale");
    assert.equal(await store.users.change(user.id, 3, { status: "disabled", at: noon(1) }), "stale");
    assert.equal(await store.users.change(user.id, 1, next), "stale", "judged before the email is");
    assert.equal(await store.users.change(newId(), 0, { at: noon(1) }), "stale");
    assert.deepEqual(await store.users.find(user.id), user);
  },

  "a change to a taken email is a conflict, and changes nothing": async (store) => {
    const [user, taken] = [await addUser(store), await addUser(store)];
    const next = {
      email: "x",
      emailCanonical: taken.emailCanonical,
      status: "disabled",
      at: noon(1),
    } as const;
    assert.equal(await store.users.change(user.id, 0, next), "conflict");
    assert.deepEqual(await store.users.find(user.id), user);
    assert.deepEqual(await store.users.find(taken.id), taken);
    const same = { emailCanonical: user.emailCanonical, at: noon(1) };
    assert.equal(await store.users.change(user.id, 0, same), "changed", "one's own email is not taken");
  },

  "of 50 changes of one epoch exactly one happens": async (store) => {
    const user = await addUser(store);
    const answers = await inParallel((caller) => store.users.change(user.id, 0, { at: noon(caller) }));
    assertOneWinner(answers.map((answer) => answer === "changed"));
    assert.equal(answers.filter((answer) => answer === "stale").length, answers.length - 1);
    assert.equal((await store.users.find(user.id))?.epoch, 1);
  },

  "of 50 users who change to one email exactly one gets it": async (store) => {
    const users = await inParallel(() => addUser(store));
    const wanted = { email: "Free@example.com", emailCanonical: "free@example.com", at: noon(1) };
    const answers = await Promise.all(users.map(({ id }) => store.users.change(id, 0, wanted)));
    assertOneWinner(answers.map((answer) => answer === "changed"));
    assert.equal(answers.filter((answer) => answer === "conflict").length, answers.length - 1);
    const epochs = await Promise.all(users.map(async ({ id }) => (await store.users.find(id))?.epoch));
    assert.deepEqual(
      epochs,
      answers.map((answer) => (answer === "changed" ? 1 : 0)),
    );
  },

  "no login in flight survives a security change": async (store) => {
    for (let round = 0; round < 10; round++) {
      const user = await addUser(store);
      const login = () =>
        store.transaction(async (tx) => {
          if (!(await tx.users.admit(user.id, 0, noon()))) return;
          await tx.sessions.create(sampleSession({ userId: user.id }));
        });
      const reset = () =>
        store.transaction(async (tx) => {
          await tx.users.change(user.id, 0, { at: noon() });
          await tx.sessions.revokeAll(null, { userId: user.id, reason: "password_reset", at: noon() });
        });
      await Promise.all([login(), login(), reset(), login(), login()]);
      assert.deepEqual(await store.sessions.listLive(user.id, noon(), 10), []);
    }
  },
};
