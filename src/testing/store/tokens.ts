import assert from "node:assert/strict";
import type { OneTimeToken } from "../../domain/one-time-token.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { newId, noon, sampleToken } from "./samples.ts";
import {
  addUser,
  assertMistaken,
  assertOneWinner,
  assertUnavailable,
  inParallel,
  minutes,
  type StorePromises,
} from "./support.ts";

export const tokenPromises: StorePromises = {
  "a token comes back as it went in, as often as it is only looked at": async (store) => {
    const token = await issue(store, { epoch: 3, attempts: 2, data: '{"to":"x"}', purpose: "challenge" });
    assert.deepEqual(await store.tokens.find("challenge", token.hash, noon()), token);
    assert.deepEqual(await store.tokens.find("challenge", token.hash, noon()), token);
    assert.equal(await store.tokens.find("challenge", newId(), noon()), null);
  },

  "of 50 who consume one token exactly one gets it": async (store) => {
    const token = await issue(store);
    const answers = await inParallel(() => store.tokens.consume(token.purpose, token.hash, noon()));
    assertOneWinner(answers.map((answer) => answer !== null));
    assert.deepEqual(
      answers.find((answer) => answer !== null),
      token,
    );
    assert.equal(await store.tokens.consume(token.purpose, token.hash, noon()), null);
    assert.equal(await store.tokens.find(token.purpose, token.hash, noon()), null);
  },

  "of 50 transactions that consume one token exactly one gets it": async (store) => {
    const token = await issue(store);
    const answers = await inParallel(() =>
      store.transaction((tx) => tx.tokens.consume(token.purpose, token.hash, noon())),
    );
    assertOneWinner(answers.map((answer) => answer !== null));
  },

  "a token serves its own purpose only": async (store) => {
    const token = await issue(store, { purpose: "challenge" });
    for (const other of ["password_reset", "email_verification"] as const) {
      assert.equal(await store.tokens.find(other, token.hash, noon()), null);
      assert.equal(await store.tokens.consume(other, token.hash, noon()), null);
      assert.equal(await store.tokens.countAttempt(other, token.hash, { max: 9, now: noon() }), false);
    }
    assert.deepEqual(await store.tokens.consume("challenge", token.hash, noon()), token);
  },

  "a token is dead at its end, not after it": async (store) => {
    const end = minutes(1);
    const token = await issue(store, { expiresAt: noon(end) });
    const count = (ms: number) =>
      store.tokens.countAttempt(token.purpose, token.hash, { max: 9, now: noon(ms) });
    for (const late of [end + 1, end]) {
      assert.equal(await store.tokens.find(token.purpose, token.hash, noon(late)), null);
      assert.equal(await count(late), false);
      assert.equal(await store.tokens.consume(token.purpose, token.hash, noon(late)), null);
    }
    assert.deepEqual(await store.tokens.find(token.purpose, token.hash, noon(end - 1)), token);
    assert.equal(await count(end - 1), true);
    const counted = { ...token, attempts: 1 };
    assert.deepEqual(await store.tokens.consume(token.purpose, token.hash, noon(end - 1)), counted);
  },

  "of 50 attempts exactly as many count as are allowed": async (store) => {
    const token = await issue(store);
    const limit = { max: 5, now: noon() };
    const answers = await inParallel(() => store.tokens.countAttempt(token.purpose, token.hash, limit));
    assert.equal(answers.filter(Boolean).length, 5);
    assert.equal((await store.tokens.find(token.purpose, token.hash, noon()))?.attempts, 5);
    assert.equal(await store.tokens.countAttempt(token.purpose, token.hash, limit), false);
  },

  "no attempt counts on an unknown token, a consumed one, or without any allowed": async (store) => {
    const token = await issue(store);
    const count = (hash: string, max: number) =>
      store.tokens.countAttempt(token.purpose, hash, { max, now: noon() });
    assert.equal(await count(newId(), 5), false);
    assert.equal(await count(token.hash, 0), false);
    await store.tokens.consume(token.purpose, token.hash, noon());
    assert.equal(await count(token.hash, 5), false);
  },

  "revokeAll deletes the user's own tokens, of one purpose or of all": async (store) => {
    const { id: userId } = await addUser(store);
    const foreign = await issue(store);
    const reset = await issue(store, { userId });
    const challenges = [
      await issue(store, { userId, purpose: "challenge" }),
      await issue(store, { userId, purpose: "challenge" }),
    ];
    assert.equal(await store.tokens.revokeAll(userId, "challenge"), 2);
    for (const { hash } of challenges) assert.equal(await store.tokens.find("challenge", hash, noon()), null);
    assert.deepEqual(await store.tokens.find(reset.purpose, reset.hash, noon()), reset);
    assert.equal(await store.tokens.revokeAll(userId), 1);
    assert.equal(await store.tokens.revokeAll(userId), 0);
    assert.equal(await store.tokens.find(reset.purpose, reset.hash, noon()), null);
    assert.deepEqual(await store.tokens.find(foreign.purpose, foreign.hash, noon()), foreign);
  },

  "a token of an unknown user, or under a taken hash, is an error": async (store) => {
    const token = await issue(store);
    await assertUnavailable(store.tokens.issue(sampleToken({ userId: newId() })));
    await assertMistaken(store.tokens.issue({ ...token, purpose: "challenge", epoch: 9 }));
    assert.deepEqual(await store.tokens.find(token.purpose, token.hash, noon()), token);
  },
};

async function issue(store: AuthStore, given: Partial<OneTimeToken> = {}): Promise<OneTimeToken> {
  const userId = given.userId ?? (await addUser(store)).id;
  const token = sampleToken({ ...given, userId });
  await store.tokens.issue(token);
  return token;
}
