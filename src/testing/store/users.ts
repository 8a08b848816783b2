import assert from "node:assert/strict";
import type { User } from "../../domain/user.ts";
import {
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleSession,
  sampleToken,
  sampleUser,
} from "./samples.ts";
import { addUser, assertOneWinner, cutoffsAt, inParallel, type StorePromises } from "./support.ts";

const PSEUDONYM = "hmac:cHNldWRvbnlt";

export const userPromises: StorePromises = {
  "of 50 who sign up with one email exactly one gets the account": async (store) => {
    const rivals = await inParallel(async () => sampleUser({ emailCanonical: "ada@example.com" }));
    const answers = await inParallel((caller) => store.users.create(rivals[caller] ?? sampleUser()));
    assertOneWinner(answers);
    const found = await Promise.all(rivals.map(({ id }) => store.users.find(id)));
    assert.deepEqual(
      found.map((user) => user !== null),
      answers,
      "who was told false must not be there",
    );
  },

  "a user comes back as it went in": async (store) => {
    const bare = await addUser(store);
    const full = await addUser(store, {
      emailVerifiedAt: noon(1),
      lastLoginAt: noon(2),
      status: "disabled",
      epoch: 41,
      updatedAt: noon(3),
    });
    const leaving = await addUser(store, { status: "deleting", deleteAfter: noon(4) });
    for (const user of [bare, full, leaving]) assert.deepEqual(await store.users.find(user.id), user);
    assert.equal(await store.users.find(newId()), null);
  },

  "a taken id is answered like a taken email, also when both are taken": async (store) => {
    const user = await addUser(store);
    const other = sampleUser({ id: user.id });
    assert.equal(await store.users.create(other), false);
    assert.equal(await store.users.create(user), false);
    assert.equal(await store.users.create({ ...user, email: "other" }), false);
    assert.deepEqual(await store.users.find(user.id), user);
    assert.equal(await store.users.findForLogin(other.emailCanonical), null);
  },

  "of 50 who create one user exactly one does, each alone or in a transaction": async (store) => {
    for (const user of [sampleUser(), sampleUser()]) {
      const alone = () => store.users.create(user);
      const inside = () => store.transaction((tx) => tx.users.create(user));
      assertOneWinner(await inParallel((caller) => (caller % 2 === 0 ? alone() : inside())));
    }
  },

  "findForLogin gives the user with their password, and with no other credential": async (store) => {
    const [withPassword, without] = [await addUser(store), await addUser(store)];
    const password = sampleCredential({ userId: withPassword.id });
    const totp = sampleCredential({ userId: withPassword.id, kind: "totp" });
    const otherTotp = sampleCredential({ userId: without.id, kind: "totp" });
    for (const credential of [totp, password, otherTotp]) await store.credentials.add(credential);
    assert.deepEqual(await store.users.findForLogin(withPassword.emailCanonical), {
      user: withPassword,
      password,
    });
    assert.deepEqual(await store.users.findForLogin(without.emailCanonical), {
      user: without,
      password: null,
    });
  },

  "findForLogin knows an email by its exact canonical spelling only": async (store) => {
    await addUser(store, { emailCanonical: "ada@example.com" });
    for (const other of ["Ada@example.com", "ada@example.com ", " ada@example.com", "ada@example", "%", ""]) {
      assert.equal(await store.users.findForLogin(other), null);
    }
    assert.notEqual(await store.users.findForLogin("ada@example.com"), null);
  },

  "the doomed are those whose deletion is due, the longest due first": async (store) => {
    const due = (ms: number, given: Partial<User> = {}) =>
      addUser(store, { status: "deleting", deleteAfter: noon(ms), ...given });
    const [third, first, second] = [await due(0), await due(-9), await due(-1)];
    const later = await due(1);
    await due(-5, { status: "active" });
    await due(-5, { status: "disabled" });
    await addUser(store, { status: "deleting" });
    await addUser(store);
    assert.deepEqual(await store.users.listDoomed(noon(), 10), [first, second, third]);
    assert.deepEqual(await store.users.listDoomed(noon(), 2), [first, second]);
    assert.deepEqual(await store.users.listDoomed(noon(1), 10), [first, second, third, later]);
    assert.deepEqual(await store.users.listDoomed(noon(-10), 10), []);
  },

  "a removed user takes everything along, and frees the email": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const session = sampleSession({ userId: user.id });
    const token = sampleToken({ userId: user.id });
    const othersSession = sampleSession({ userId: other.id });
    await store.sessions.create(session);
    await store.sessions.create(othersSession);
    await store.tokens.issue(token);
    await store.credentials.add(sampleCredential({ userId: user.id }));

    assert.equal(await store.users.remove(user.id, PSEUDONYM), true);
    assert.equal(await store.users.remove(user.id, PSEUDONYM), false);
    assert.equal(await store.users.find(user.id), null);
    assert.equal(await store.users.findForLogin(user.emailCanonical), null);
    assert.equal(await store.sessions.find(session.id), null);
    assert.equal(await store.tokens.find(token.purpose, token.hash, noon()), null);
    assert.deepEqual(await store.credentials.list(user.id), []);
    assert.equal(await store.credentials.findByIdentifier("password", user.id), null);
    assert.notEqual(await store.sessions.find(othersSession.id), null);
    assert.equal(await store.users.create(sampleUser({ emailCanonical: user.emailCanonical })), true);
  },

  "a removed user's events stay, and belong to no user": async (store) => {
    const user = await addUser(store);
    await store.events.append([sampleEvent({ userId: user.id }), sampleEvent({ userId: user.id })]);
    await store.users.remove(user.id, PSEUDONYM);
    await store.users.create(user);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 10 }), []);
    const cutoffs = cutoffsAt(noon(), { eventsBefore: noon(60_000) });
    assert.equal((await store.purge(cutoffs, 10)).deleted, 2, "the events must still be there to be purged");
  },

  "a removal touches no other user": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const event = sampleEvent({ userId: other.id, attemptedEmail: other.emailCanonical });
    await store.events.append([event, sampleEvent({ userId: user.id })]);
    await store.users.remove(user.id, PSEUDONYM);
    assert.deepEqual(await store.users.find(other.id), other);
    assert.deepEqual(await store.events.list({ userId: other.id, limit: 10 }), [event]);
    assert.equal(await store.users.remove(newId(), PSEUDONYM), false);
  },

  "of 50 who remove one user exactly one does": async (store) => {
    const { id } = await addUser(store);
    await store.events.append([sampleEvent({ userId: id })]);
    assertOneWinner(await inParallel(() => store.users.remove(id, PSEUDONYM)));
    assert.equal(await store.users.find(id), null);
  },

  "a removal beside logins of the user leaves no session and no event behind": async (store) => {
    const user = await addUser(store);
    const answers = await inParallel((caller) => {
      if (caller === 25) return store.transaction((tx) => tx.users.remove(user.id, PSEUDONYM));
      return store.transaction(async (tx) => {
        if (!(await tx.users.admit(user.id, 0, noon()))) return false;
        await tx.sessions.create(sampleSession({ userId: user.id }));
        await tx.events.append([sampleEvent({ userId: user.id })]);
        return true;
      });
    });
    assert.equal(answers[25], true);
    await store.users.create(user);
    assert.deepEqual(await store.sessions.listLive(user.id, noon(), 100), []);
    assert.deepEqual(await store.events.list({ userId: user.id, limit: 100 }), []);
  },
};
