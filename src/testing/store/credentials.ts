import assert from "node:assert/strict";
import { HOSTILE_IDENTIFIERS, newId, noon, sampleCredential, sampleEvent } from "./samples.ts";
import { addUser, assertOneWinner, assertUnavailable, inParallel, type StorePromises } from "./support.ts";

export const credentialPromises: StorePromises = {
  "a credential comes back as it went in": async (store) => {
    const { id: userId } = await addUser(store);
    const bare = sampleCredential({ userId });
    const full = sampleCredential({ userId, kind: "passkey", version: 7, lastUsedAt: noon(9), data: "{}" });
    assert.equal(await store.credentials.add(bare), true);
    assert.equal(await store.credentials.add(full), true);
    assert.deepEqual(await store.credentials.findByIdentifier("password", userId), bare);
    assert.deepEqual(await store.credentials.findByIdentifier("passkey", userId), full);
    for (const other of ["totp", "recovery_codes", "oauth"] as const)
      assert.equal(await store.credentials.findByIdentifier(other, userId), null);
    assert.equal(await store.credentials.findByIdentifier("password", newId()), null);
  },

  "of 50 who add one identifier of a kind exactly one does": async (store) => {
    const users = await inParallel(() => addUser(store));
    const passkeys = users.map(({ id }) =>
      sampleCredential({ userId: id, kind: "passkey", identifier: "key-1" }),
    );
    const answers = await Promise.all(passkeys.map((passkey) => store.credentials.add(passkey)));
    assertOneWinner(answers);
    const winner = passkeys[answers.indexOf(true)];
    assert.deepEqual(await store.credentials.findByIdentifier("passkey", "key-1"), winner);
    const lists = await Promise.all(users.map(({ id }) => store.credentials.list(id)));
    assert.deepEqual(
      lists.map((list) => list.length === 1),
      answers,
    );
  },

  "identifiers are told apart byte by byte, and within their kind": async (store) => {
    const { id: userId } = await addUser(store);
    const identifiers = ["a", "a ", " a", "A", "\u00e1", "a\u0301", ...HOSTILE_IDENTIFIERS.slice(5)];
    for (const identifier of identifiers) {
      const oauth = sampleCredential({ userId, kind: "oauth", identifier, data: identifier });
      assert.equal(await store.credentials.add(oauth), true);
      assert.equal(await store.credentials.add({ ...oauth, id: newId(), kind: "passkey" }), true);
    }
    for (const identifier of identifiers) {
      assert.equal((await store.credentials.findByIdentifier("oauth", identifier))?.data, identifier);
    }
  },

  "a list has the user's own, oldest first, of one kind or of all": async (store) => {
    const [user, other] = [await addUser(store), await addUser(store)];
    const at = (ms: number, kind: "passkey" | "totp") =>
      sampleCredential({ userId: user.id, kind, identifier: `${ms}`, createdAt: noon(ms) });
    const [third, first, second] = [at(3, "passkey"), at(1, "passkey"), at(2, "totp")];
    const foreign = sampleCredential({ userId: other.id, kind: "passkey" });
    for (const credential of [third, foreign, first, second]) await store.credentials.add(credential);
    assert.deepEqual(await store.credentials.list(user.id), [first, second, third]);
    assert.deepEqual(await store.credentials.list(user.id, "passkey"), [first, third]);
    assert.deepEqual(await store.credentials.list(user.id, "oauth"), []);
  },

  "a replacement takes the data, counts the version up, and notes the use": async (store) => {
    const { id: userId } = await addUser(store);
    const credential = sampleCredential({ userId, version: 4 });
    await store.credentials.add(credential);
    const change = { userId, id: credential.id, expectedVersion: 4, data: "new", at: noon(5) };
    assert.equal(await store.credentials.replace(change), true);
    const expected = { ...credential, data: "new", version: 5, lastUsedAt: noon(5) };
    assert.deepEqual(await store.credentials.list(userId), [expected]);
    assert.equal(await store.credentials.replace(change), false, "the version has moved");
    assert.deepEqual(await store.credentials.list(userId), [expected]);
  },

  "of 50 replacements of one version exactly one happens": async (store) => {
    const { id: userId } = await addUser(store);
    const { id } = sampleCredential({ userId });
    await store.credentials.add(sampleCredential({ userId, id }));
    const answers = await inParallel((caller) =>
      store.credentials.replace({ userId, id, expectedVersion: 0, data: `caller ${caller}`, at: noon() }),
    );
    assertOneWinner(answers);
    const [replaced] = await store.credentials.list(userId);
    assert.equal(replaced?.data, `caller ${answers.indexOf(true)}`);
    assert.equal(replaced?.version, 1);
  },

  "another user's credential can be neither replaced nor removed": async (store) => {
    const [owner, stranger] = [await addUser(store), await addUser(store)];
    const credential = sampleCredential({ userId: owner.id });
    await store.credentials.add(credential);
    const change = { userId: stranger.id, id: credential.id, expectedVersion: 0, data: "mine", at: noon() };
    assert.equal(await store.credentials.replace(change), false);
    assert.equal(await store.credentials.remove(stranger.id, credential.id), false);
    assert.deepEqual(await store.credentials.list(owner.id), [credential]);
  },

  "a credential is removed once, and frees its identifier": async (store) => {
    const { id: userId } = await addUser(store);
    const credential = sampleCredential({ userId });
    await store.credentials.add(credential);
    assertOneWinner(await inParallel(() => store.credentials.remove(userId, credential.id)));
    assert.deepEqual(await store.credentials.list(userId), []);
    assert.equal(await store.credentials.remove(userId, newId()), false);
    assert.equal(await store.credentials.add(sampleCredential({ userId })), true);
  },

  "a credential of an unknown user is an error": async (store) => {
    await assertUnavailable(store.credentials.add(sampleCredential({ userId: newId() })));
  },

  "a taken id is answered like a taken identifier, and a transaction goes on after it": async (store) => {
    const { id: userId } = await addUser(store);
    const credential = sampleCredential({ userId });
    await store.credentials.add(credential);
    const other = { ...credential, kind: "totp" } as const;
    assert.equal(await store.credentials.add(credential), false);
    assert.equal(await store.credentials.add(other), false);
    await store.transaction(async (tx) => {
      assert.equal(await tx.credentials.add(other), false);
      await tx.events.append([sampleEvent({ userId })]);
    });
    assert.deepEqual(await store.credentials.list(userId), [credential]);
    assert.equal((await store.events.list({ userId, limit: 10 })).length, 1);
  },
};
