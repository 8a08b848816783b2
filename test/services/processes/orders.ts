// What the callers of a race can be told to do, in this process or in another one.

import { type Auth, createAuth } from "sallyport";
import { migrate } from "sallyport/kysely";
import { insecureTestHasher } from "sallyport/testing";
import type { CredentialId, LeaseId, ProofId, SessionId, UserId } from "../../../src/domain/ids.ts";
import type { QueuedMail } from "../../../src/domain/queued-mail.ts";
import { isAuthError } from "../../../src/errors.ts";
import type { AuthStore } from "../../../src/ports/auth-store.ts";
import {
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleSession,
  sampleUser,
} from "../../../src/testing/store/samples.ts";
import { cutoffsAt } from "../../../src/testing/store/support.ts";
import type { AnyKysely } from "../../support/databases.ts";
import { CODE, sceneOn } from "../../support/features/scene.ts";
import { MAIL_VERBS, type MailOrder } from "./mail-orders.ts";
import type { OpenStore } from "./store-at.ts";

export type Order =
  | MailOrder
  | { readonly verb: "create" | "signUp" | "signUpFirstInVain"; readonly emailCanonical: string }
  | { readonly verb: "addCredential"; readonly userId: UserId; readonly identifier: string }
  | { readonly verb: "replace"; readonly userId: UserId; readonly id: CredentialId }
  | { readonly verb: "consume" | "countAttempt"; readonly hash: string }
  | { readonly verb: "rotate"; readonly id: SessionId }
  /** Through the library: answers with the next refresh token. */
  | { readonly verb: "refresh"; readonly refreshToken: string }
  /** Through a feature of the tests: answers with true for a session, else with the code of the error. */
  | { readonly verb: "answerChallenge"; readonly challengeToken: string }
  | { readonly verb: "logOut"; readonly userId: UserId; readonly id: SessionId }
  | { readonly verb: "logIn" | "reset"; readonly userId: UserId }
  | { readonly verb: "remove" | "append"; readonly userId: UserId }
  | { readonly verb: "takeProof" | "countProof" | "renewProof"; readonly id: ProofId }
  | { readonly verb: "bindProof"; readonly id: ProofId; readonly userId: UserId }
  | { readonly verb: "verify" | "confirm"; readonly userId: UserId; readonly id: ProofId }
  /** Answers how many mails it claimed. */
  | { readonly verb: "claim" }
  /** Claims and settles until no mail is due. Answers with the ids, divided by spaces. */
  | { readonly verb: "drain" }
  | { readonly verb: "purge" }
  /** Answers how many statements it ran. */
  | { readonly verb: "migrate" };

/** What a caller was answered; a failure in a word, so that it shows in a comparison. */
export type Answer = boolean | number | string;

type Verbs = {
  readonly [Verb in Order["verb"]]: (
    store: AuthStore,
    order: Extract<Order, { verb: Verb }>,
    db: AnyKysely | null,
  ) => Promise<Answer>;
};

class GaveUp extends Error {}
const gaveUp = new Set<string>();

const VERBS: Verbs = {
  ...MAIL_VERBS,
  create: (store, { emailCanonical }) => store.users.create(sampleUser({ emailCanonical })),
  signUp: (store, { emailCanonical }) => store.transaction((tx) => signUp(tx, emailCanonical)),
  signUpFirstInVain: (store, { emailCanonical }) =>
    store.transaction(async (tx) => {
      if (!(await signUp(tx, emailCanonical))) return false;
      if (gaveUp.has(emailCanonical)) return true;
      gaveUp.add(emailCanonical);
      throw new GaveUp();
    }),
  addCredential: (store, { userId, identifier }) =>
    store.credentials.add(sampleCredential({ userId, kind: "passkey", identifier })),
  replace: (store, { userId, id }) =>
    store.credentials.replace({ userId, id, expectedVersion: 0, data: "{}", at: noon(1) }),
  consume: async (store, { hash }) => (await store.tokens.consume("password_reset", hash, noon())) !== null,
  countAttempt: (store, { hash }) =>
    store.tokens.countAttempt("password_reset", hash, { max: 7, now: noon() }),
  rotate: (store, { id }) =>
    store.sessions.rotate(id, 0, {
      refreshedAt: noon(1),
      idleExpiresAt: noon(9_000),
      ip: null,
      userAgent: null,
    }),
  refresh: async (store, { refreshToken }) => {
    const auth = authOver(store);
    return (await auth.refresh(refreshToken, { ip: null })).refreshToken;
  },
  answerChallenge: async (store, { challengeToken }) => {
    const { auth } = sceneOn(store);
    return auth.secondStep.answer({ challengeToken, code: CODE }, { ip: null }).then(
      () => true,
      (error) => (isAuthError(error) ? error.code : Promise.reject(error)),
    );
  },
  logOut: (store, { id, userId }) =>
    store.transaction(async (tx) => {
      const ended = await tx.sessions.revoke(id, { userId, reason: "logout", at: noon(1) });
      if (ended) await tx.events.append([sampleEvent({ userId, sessionId: id, type: "logout" })]);
      return ended;
    }),
  logIn: (store, { userId }) =>
    store.transaction(async (tx) => {
      if (!(await tx.users.admit(userId, 0, noon()))) return false;
      await openSession(tx, userId);
      return true;
    }),
  reset: (store, { userId }) =>
    store.transaction(async (tx) => {
      const answer = await tx.users.change(userId, 0, { at: noon() });
      if (answer !== "changed") return answer;
      await tx.sessions.revokeAll(null, { userId, reason: "password_reset", at: noon() });
      await tx.tokens.revokeAll(userId);
      return answer;
    }),
  remove: (store, { userId }) => store.users.remove(userId, "a pseudonym"),
  append: async (store, { userId }) => {
    await store.events.append([sampleEvent({ userId, attemptedEmail: "ada@example.com" })]);
    return true;
  },
  takeProof: (store, { id }) => store.proofs.take(id, noon()),
  countProof: (store, { id }) => store.proofs.countAttempt(id, { max: 7, now: noon() }),
  renewProof: async (store) => {
    const renewal = { sentAfter: noon(-1), expiresAt: noon(9_000_000) };
    return (await store.proofs.renew("password_reset", RENEWED, renewal)) !== null;
  },
  bindProof: (store, { id, userId }) => store.proofs.bind(id, userId, 0),
  verify: (store, { userId }) => store.users.verify(userId, 0, noon()),
  confirm: (store, { userId, id }) =>
    store.transaction(async (tx) => {
      const answer = await tx.users.change(userId, 0, { at: noon() });
      if (answer !== "changed") return answer;
      const taken = await tx.proofs.take(id, noon());
      await tx.proofs.endAll(userId, { keep: [], at: noon() });
      return taken;
    }),
  claim: async (store) => (await claimMail(store, newId())).length,
  drain: async (store) => {
    const sent: string[] = [];
    for (;;) {
      const lease = newId<LeaseId>();
      const mails = await claimMail(store, lease);
      for (const { id } of mails) if (await store.outbox.settle(id, lease)) sent.push(id);
      if (mails.length === 0 && (await store.outbox.oldest(noon())) === null) return sent.join(" ");
    }
  },
  purge: async (store) => {
    let deleted = 0;
    for (let more = true; more; ) {
      const step = await store.purge(cutoffsAt(), 20);
      deleted += step.deleted;
      more = step.more;
    }
    return deleted;
  },
  migrate: async (_store, _order, db) => (await migrate(db as AnyKysely)).statements.length,
};

/** The address of the proofs that are renewed. */
export const RENEWED = "renewed@example.com";

function claimMail(store: AuthStore, lease: LeaseId): Promise<readonly QueuedMail[]> {
  return store.outbox.claim({ audience: "sallyport", now: noon(), until: noon(120_000), limit: 5, lease });
}

/** All of the callers at once. */
export function carryOut({ store, db }: Stores, order: Order, callers: number): Promise<Answer[]> {
  const verb = VERBS[order.verb] as Verb;
  return Promise.all(Array.from({ length: callers }, () => verb(store, order, db).catch(inWords)));
}

type Stores = Pick<OpenStore, "store" | "db">;
type Verb = (store: AuthStore, order: Order, db: AnyKysely | null) => Promise<Answer>;

function inWords(error: unknown): string {
  if (error instanceof GaveUp) return "gave up";
  if (!isAuthError(error)) return String(error);
  const { cause } = error;
  return `${error.code}: ${cause instanceof Error ? cause.message : String(cause)}`;
}

/** The library over a store, the same in every process; each call has an instance of its own. */
export function authOver(store: AuthStore): Auth {
  return createAuth({
    secret: "Nm4xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uVwS3nT9kQvZ",
    store,
    password: { hasher: insecureTestHasher() },
  });
}

/** The statements of a signup, in its order. */
async function signUp(tx: AuthStore, emailCanonical: string): Promise<boolean> {
  const user = sampleUser({ emailCanonical });
  if (!(await tx.users.create(user))) return false;
  await tx.credentials.add(sampleCredential({ userId: user.id }));
  await openSession(tx, user.id);
  return true;
}

async function openSession(tx: AuthStore, userId: UserId): Promise<void> {
  await tx.sessions.revokeOldest(49, { userId, reason: "session_limit", at: noon() });
  const session = sampleSession({ userId });
  await tx.sessions.create(session);
  await tx.events.append([sampleEvent({ userId, sessionId: session.id })]);
}
