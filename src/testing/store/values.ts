import assert from "node:assert/strict";
import type { AuthEvent } from "../../domain/auth-event.ts";
import { addMs } from "../../domain/duration.ts";
import {
  HOSTILE_TEXTS,
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
} from "./samples.ts";
import { addUser, type StorePromises } from "./support.ts";

export const valuePromises: StorePromises = {
  "any text comes back as it went in": async (store) => {
    for (const text of HOSTILE_TEXTS) {
      const user = await addUser(store, { email: text });
      const userId = user.id;
      const credential = sampleCredential({
        userId,
        identifier: `${userId}${text}`.slice(0, 512),
        data: text,
      });
      const session = sampleSession({ userId, amr: [text], ip: text, userAgent: text });
      const token = sampleToken({ userId, data: text });
      const words = { reason: text, attemptedEmail: text, ip: text, userAgent: text, requestId: text };
      const event = sampleEvent({ userId, ...words, data: { [text]: text } });
      await store.credentials.add(credential);
      await store.sessions.create(session);
      await store.tokens.issue(token);
      await store.events.append([event]);
      assert.deepEqual(await store.sessions.find(session.id), { session, user });
      assert.deepEqual(await store.credentials.list(userId), [credential]);
      assert.deepEqual(await store.tokens.find(token.purpose, token.hash, noon()), token);
      assert.deepEqual(await store.events.list({ userId, limit: 1 }), [event]);
      assert.equal(await store.sessions.revoke(session.id, { userId, reason: text, at: noon() }), true);
      assert.equal((await store.sessions.find(session.id))?.session.revokeReason, text);
    }
  },

  "any text of a proof and of a mail comes back as it went in": async (store) => {
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      const key = text.slice(0, 255);
      const proof = sampleProof({ email: key, emailCanonical: key, nonce: key, data: text, sentAt: noon() });
      const mail = sampleMail({
        audience: key,
        recipient: key,
        data: text,
        deadAt: noon(),
        createdAt: noon(index),
      });
      await store.proofs.open(proof);
      await store.outbox.put([mail]);
      assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
      const renewal = { sentAfter: noon(-1), expiresAt: noon(1) };
      assert.deepEqual(await store.proofs.renew(proof.purpose, key, renewal), proof);
      assert.deepEqual(await store.outbox.listDead({ limit: 1 }), [mail]);
    }
  },

  "any moment comes back to the millisecond": async (store) => {
    // Around both changes of the clocks in Europe and America, and the ends of what 32 bits hold.
    const moments = [
      "1970-01-01T00:00:00.001Z",
      "2026-03-29T01:30:00.999Z",
      "2026-03-08T07:30:00.001Z",
      "2026-10-25T00:30:00.123Z",
      "2026-11-01T05:30:00.456Z",
      "2038-01-19T03:14:08.007Z",
      "2999-12-31T23:59:59.999Z",
    ];
    for (const [index, moment] of moments.entries()) {
      const at = new Date(moment);
      const user = await addUser(store, {
        createdAt: at,
        updatedAt: at,
        emailVerifiedAt: at,
        lastLoginAt: at,
        deleteAfter: at,
      });
      const session = sampleSession({ userId: user.id, createdAt: at, expiresAt: at, refreshedAt: at });
      await store.sessions.create(session);
      assert.deepEqual(await store.sessions.find(session.id), { session, user });
      const proof = sampleProof({ createdAt: at, sentAt: at, usedAt: at, expiresAt: at });
      await store.proofs.open(proof);
      assert.deepEqual(await store.proofs.find(proof.id, addMs(at, -1)), proof);
      const mail = sampleMail({ id: newId(noon(index)), createdAt: at, dueAt: at, deadAt: at });
      await store.outbox.put([mail]);
      assert.deepEqual(await store.outbox.listDead({ limit: 1 }), [mail]);
    }
  },

  "changing what went in changes nothing inside": async (store) => {
    const mine = await addUser(store, { createdAt: noon(5) });
    const amr = ["pwd"];
    const data = { key: "before" };
    const session = sampleSession({ userId: mine.id, amr, expiresAt: noon(60_000) });
    const event = sampleEvent({ userId: mine.id, data });
    const proof = sampleProof({ expiresAt: noon(60_000) });
    const mail = sampleMail({ deadAt: noon(1) });
    await store.sessions.create(session);
    await store.proofs.open(proof);
    await store.outbox.put([mail]);
    await store.events.append([event]);
    const before = structuredClone({ session, user: mine });
    const eventBefore = structuredClone(event);
    const mailBefore = structuredClone({ proof, mail });

    amr.push("otp");
    data.key = "after";
    session.expiresAt.setTime(0);
    mine.createdAt.setTime(0);
    for (const date of [proof.expiresAt, mail.deadAt]) date?.setTime(0);
    Object.assign(mine, { status: "disabled" });
    assert.deepEqual(await store.sessions.find(session.id), before);
    assert.deepEqual(await store.proofs.find(proof.id, noon()), mailBefore.proof);
    assert.deepEqual(await store.outbox.listDead({ limit: 1 }), [mailBefore.mail]);
    assert.deepEqual(await store.events.list({ userId: mine.id, limit: 1 }), [eventBefore]);
  },

  "changing what came out changes nothing inside": async (store) => {
    const user = await addUser(store, { lastLoginAt: noon(1) });
    const session = sampleSession({ userId: user.id });
    await store.sessions.create(session);
    await store.events.append([sampleEvent({ userId: user.id, data: { key: "before" } })]);
    const found = await store.sessions.find(session.id);
    const [listed] = await store.sessions.listLive(user.id, noon(), 1);
    const [event] = await store.events.list({ userId: user.id, limit: 1 });
    const [proof, mail] = [sampleProof(), sampleMail({ deadAt: noon(1) })];
    await store.proofs.open(proof);
    await store.outbox.put([mail]);
    (await store.proofs.find(proof.id, noon()))?.expiresAt.setTime(0);
    (await store.outbox.listDead({ limit: 1 }))[0]?.deadAt?.setTime(0);
    assert.deepEqual(await store.proofs.find(proof.id, noon()), proof);
    assert.deepEqual(await store.outbox.listDead({ limit: 1 }), [mail]);

    for (const copy of [found?.session, listed]) {
      copy?.expiresAt.setTime(0);
      Object.assign(copy?.amr ?? [], ["otp"]);
    }
    Object.assign(found?.user ?? {}, { status: "disabled" });
    found?.user.lastLoginAt?.setTime(0);
    Object.assign((event as AuthEvent).data ?? {}, { key: "after" });
    assert.deepEqual(await store.sessions.find(session.id), { session, user });
    assert.deepEqual((await store.events.list({ userId: user.id, limit: 1 }))[0]?.data, { key: "before" });
  },
};
