import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import {
  createIdSource,
  type EventId,
  firstIdAt,
  type LeaseId,
  type SessionId,
  type UserId,
} from "../../src/domain/ids.ts";
import type { Session } from "../../src/domain/session.ts";
import type { AuthStore, PurgeCutoffs } from "../../src/ports/auth-store.ts";
import {
  DIED_BEFORE,
  daysAgo,
  ENDED_BEFORE,
  EVENTS_BEFORE,
  email,
  IDLE_MS,
  isRevoked,
  NONE_EXPIRED_BEFORE,
  NOW,
  type Population,
  proofIdOf,
  SESSION_MS,
  STRIDE,
  sessionIdOf,
  userIdOf,
} from "./population.ts";

/** What is measured: calls in turn, each for somebody else. */
export interface Operation {
  readonly name: string;
  /** Calls of one timing. */
  readonly calls: number;
  /** What a call works on; the time is told of one. */
  readonly rows: number;
  readonly rounds: number;
  /** Every population has its own turns: a session is rotated, or purged, once. */
  readonly on: (population: Population) => Perform;
}

type Perform = (store: AuthStore) => Promise<void>;

const CALL = { calls: 100, rows: 1, rounds: 15 } as const;
/** The small database has no more to purge than these rounds take. */
const BATCH = { calls: 1, rows: 500, rounds: 5 } as const;
/** As `audience` is by default. */
const AUDIENCE = "sallyport";
/** As `session.max` is by default. */
const MAX_SESSIONS = 50;

/** What a worker claims at once. */
const MAILS = 5;

export const OPERATIONS: readonly Operation[] = [
  { ...CALL, name: "login's read", on: readForLogin },
  { ...CALL, name: "verify's read", on: readForVerify },
  { ...CALL, name: "session opening", on: (population) => openSessions(population, MAX_SESSIONS) },
  { ...CALL, name: "refresh rotation", on: rotate },
  { ...CALL, name: "event listing", on: listEvents },
  { ...CALL, name: "event listing, next page", on: (population) => listEvents(population, daysAgo(50)) },
  // After the rotations: it ends sessions that they would turn to.
  { ...CALL, name: "session opening that ends another", on: (population) => openSessions(population, 1) },
  { ...CALL, name: "proof's read", on: readProof },
  { ...CALL, name: "proof's renewal", on: renewProof },
  { ...CALL, calls: 20, rows: MAILS, name: "claim of mail", on: claimMail },
  { ...CALL, name: "health's look at the mail", on: () => lookAtMail },
  { ...CALL, name: "deletions that are due", on: () => listDoomed },
  purgeOf("tokens and proofs", { now: NOW }, 2),
  purgeOf("dead mail", { deadMailBefore: DIED_BEFORE }),
  purgeOf("revoked sessions", { endedSessionsBefore: NONE_EXPIRED_BEFORE }),
  purgeOf("expired sessions", { endedSessionsBefore: ENDED_BEFORE }),
  purgeOf("events", { eventsBefore: EVENTS_BEFORE }),
];

function readForLogin({ users }: Population): Perform {
  const next = turns(users.count);
  return async (store) => {
    const record = await store.users.findForLogin(email(next()));
    assert(record?.password, "every user has a password");
  };
}

function readForVerify(population: Population): Perform {
  const next = liveSessions(population);
  return async (store) => {
    assert(await store.sessions.find(next()), "the session was seeded");
  };
}

function openSessions(population: Population, max: number): Perform {
  const next = turns(population.users.count);
  const newId = createIdSource();
  let calls = 0;
  let user = 0;
  return async (store) => {
    // Everybody twice: with room for one session, the second ends the first.
    if (calls++ % 2 === 0) user = next();
    const session = newSession(newId(NOW), userIdOf(population, user));
    const event = { ...SIGNED_IN, id: newId<EventId>(NOW), attemptedEmail: email(user) };
    await store.transaction(async (tx) => {
      const { id, userId } = session;
      assert(await tx.users.admit(userId, 0, NOW), "nobody has changed the user");
      const revocation = { userId, audience: AUDIENCE, reason: "session_limit", at: NOW };
      await tx.sessions.revokeOldest(max - 1, revocation);
      await tx.sessions.create(session);
      await tx.events.append([{ ...event, userId, sessionId: id }]);
    });
  };
}

function rotate(population: Population): Perform {
  const next = liveSessions(population);
  const idleExpiresAt = new Date(NOW.getTime() + IDLE_MS);
  return async (store) => {
    const rotation = { refreshedAt: NOW, idleExpiresAt, ...CLIENT };
    assert(await store.sessions.rotate(next(), 1, rotation), "each session is rotated once");
  };
}

function listEvents(population: Population, before?: Date): Perform {
  const next = turns(population.users.count);
  const cursor = before && firstIdAt<EventId>(before);
  return async (store) => {
    const userId = userIdOf(population, next());
    const events = await store.events.list({ userId, before: cursor, limit: 20 });
    assert(events.length > 0, "everybody has events");
  };
}

function readProof(population: Population): Perform {
  const next = turns(population.proofs.count);
  return async (store) => {
    assert(await store.proofs.find(proofIdOf(population, next()), new Date(0)), "the proof was seeded");
  };
}

function renewProof({ users }: Population): Perform {
  const next = turns(users.count);
  return async (store) => {
    const renewal = { sentAfter: daysAgo(2), expiresAt: NOW };
    assert(await store.proofs.renew("password_reset", email(next()), renewal), "each user has a proof");
  };
}

function claimMail(): Perform {
  const newId = createIdSource();
  const until = new Date(NOW.getTime() + 120_000);
  return async (store) => {
    const mails = await store.outbox.claim({
      audience: "sallyport",
      now: NOW,
      until,
      limit: MAILS,
      lease: newId<LeaseId>(NOW),
    });
    assert(mails.length === MAILS, "there is enough to send");
  };
}

async function lookAtMail(store: AuthStore): Promise<void> {
  assert(await store.outbox.oldest(NOW), "mail is due");
}

async function listDoomed(store: AuthStore): Promise<void> {
  assert((await store.users.listDoomed(NOW, 20)).length === 0, "nobody leaves");
}

function purgeOf(kind: string, cutoffs: Partial<PurgeCutoffs>, kinds = 1): Operation {
  const never = new Date(0);
  const all = {
    now: never,
    eventsBefore: never,
    endedSessionsBefore: never,
    deadMailBefore: never,
    ...cutoffs,
  };
  const purge: Perform = async (store) => {
    const { deleted } = await store.purge(all, BATCH.rows);
    assert(deleted === kinds * BATCH.rows, "there is enough to purge");
  };
  return { ...BATCH, rows: kinds * BATCH.rows, name: `purge of ${kind}`, on: () => purge };
}

/** Numbers below `count` from a random one on, each once before any comes again, far from one another. */
function turns(count: number): () => number {
  let turn = randomInt(count);
  return () => (turn++ * STRIDE) % count;
}

/** Sessions that are neither revoked nor idle for too long, each once. */
function liveSessions(population: Population): () => SessionId {
  const { count, stepMs } = population.sessions;
  const recent = Math.floor(IDLE_MS / stepMs) - 1;
  const next = turns(recent);
  return () => {
    let session: number;
    do session = count - 1 - next();
    while (isRevoked(session));
    return sessionIdOf(population, session);
  };
}

const CLIENT = {
  ip: "203.0.113.7",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
};

const SIGNED_IN = {
  type: "login",
  outcome: "success",
  reason: null,
  requestId: null,
  data: null,
  occurredAt: NOW,
  ...CLIENT,
} as const;

function newSession(id: SessionId, userId: UserId): Session {
  return {
    id,
    userId,
    amr: ["pwd"],
    authenticatedAt: NOW,
    refreshCounter: 0,
    refreshedAt: null,
    idleExpiresAt: new Date(NOW.getTime() + IDLE_MS),
    expiresAt: new Date(NOW.getTime() + SESSION_MS),
    revokedAt: null,
    revokeReason: null,
    createdAt: NOW,
    audience: AUDIENCE,
    ...CLIENT,
  };
}
