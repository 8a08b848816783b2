import assert from "node:assert/strict";
import type { Session } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";
import type { AuthStore, PurgeCutoffs } from "../../ports/auth-store.ts";
import { noon, sampleSession, sampleUser } from "./samples.ts";

/** The promises of a store by name, each with its proof on an empty store. */
export type StorePromises = Readonly<Record<string, (store: AuthStore) => Promise<void>>>;

export const CALLERS = 50;

/** The answers of 50 parallel callers. */
export function inParallel<T>(call: (caller: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
}

export function assertOneWinner(answers: readonly boolean[]): void {
  assert.equal(answers.length, CALLERS);
  assert.equal(answers.filter(Boolean).length, 1, "exactly one of the parallel callers must win");
}

export async function addUser(store: AuthStore, given: Partial<User> = {}): Promise<User> {
  const user = sampleUser(given);
  assert.equal(await store.users.create(user), true);
  return user;
}

export async function addSession(store: AuthStore, given: Partial<Session> = {}): Promise<Session> {
  const userId = given.userId ?? (await addUser(store)).id;
  const session = sampleSession({ ...given, userId });
  await store.sessions.create(session);
  return session;
}

/** Cutoffs of a purge: `at` for each kind of row that is not named. */
export function cutoffsAt(at: Date = noon(), given: Partial<PurgeCutoffs> = {}): PurgeCutoffs {
  return { now: at, eventsBefore: at, endedSessionsBefore: at, deadMailBefore: at, ...given };
}

/** A verb that cannot do its work rejects with `unavailable`. */
export function assertUnavailable(answer: Promise<unknown>): Promise<void> {
  return assertFails(answer, "unavailable");
}

/** A row under a taken key is a mistake of the caller. It is no outage, which a repetition might survive. */
export function assertMistaken(answer: Promise<unknown>): Promise<void> {
  return assertFails(answer, "internal_error");
}

async function assertFails(answer: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(answer, (error) => {
    assert.equal((error as { code?: unknown }).code, code);
    return true;
  });
}

/** Expects a quick rejection: a caller that waits for itself would hang until a lock times out. */
export async function assertRefusedAtOnce(call: () => Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new assert.AssertionError({ message: "not within 1 s" })), 1_000);
  try {
    await assert.rejects(Promise.race([call(), late]), (error) => !(error instanceof assert.AssertionError));
  } finally {
    clearTimeout(timer);
  }
}

export function minutes(count: number): number {
  return count * 60_000;
}
