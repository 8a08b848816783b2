import { AuthError, isAuthError } from "../errors.ts";
import { deadlineIn } from "../lib/deadline.ts";
import { isTimeout, within } from "../lib/within.ts";
import type {
  AuthStore,
  CredentialStore,
  EventStore,
  OutboxStore,
  ProofStore,
  PurgeCutoffs,
  SessionStore,
  TokenStore,
  UserStore,
} from "../ports/auth-store.ts";
import type { OrderlyLimiter, RateAttempt, RateLimiter, RateVerdict } from "../ports/rate-limiter.ts";

type Verbs<T> = Readonly<Record<keyof T, true>>;

// These lists are written out: a verb that a port has and a list lacks does not compile.
const USERS: Verbs<UserStore> = {
  create: true,
  find: true,
  findForLogin: true,
  admit: true,
  change: true,
  verify: true,
  listDoomed: true,
  remove: true,
};
const CREDENTIALS: Verbs<CredentialStore> = {
  add: true,
  list: true,
  findByIdentifier: true,
  replace: true,
  remove: true,
};
const SESSIONS: Verbs<SessionStore> = {
  create: true,
  find: true,
  listLive: true,
  listAll: true,
  rotate: true,
  reauthenticate: true,
  revoke: true,
  revokeAll: true,
  revokeOldest: true,
};
const TOKENS: Verbs<TokenStore> = {
  issue: true,
  find: true,
  consume: true,
  countAttempt: true,
  revokeAll: true,
};
const PROOFS: Verbs<ProofStore> = {
  open: true,
  find: true,
  bind: true,
  forget: true,
  countAttempt: true,
  take: true,
  markSent: true,
  renew: true,
  endAll: true,
};
const OUTBOX: Verbs<OutboxStore> = {
  put: true,
  claim: true,
  settle: true,
  postpone: true,
  bury: true,
  oldest: true,
  listDead: true,
  revive: true,
};
const EVENTS: Verbs<EventStore> = { append: true, list: true, nth: true };
type Counting = Pick<RateLimiter, "consume" | "refund">;
const LIMITER: Verbs<Counting> = { consume: true, refund: true };

/** How long a port may take, unless a store names its own bound. */
const MAX_WAIT_MS = 5_000;
/** A store that bounds itself gives up first: its error says what it waited for. */
const HEAD_START_MS = 250;

/**
 * Wraps the store. Each of its errors becomes `unavailable`, so that no failure reads as an answer. So does a call that
 * takes too long: what was cut off is never a success.
 */
export function failClosedStore(store: AuthStore): AuthStore {
  const maxMs = store.maxWaitMs === undefined ? MAX_WAIT_MS : store.maxWaitMs + HEAD_START_MS;
  return Object.freeze({
    users: guardVerbs(store.users, USERS, maxMs),
    credentials: guardVerbs(store.credentials, CREDENTIALS, maxMs),
    sessions: guardVerbs(store.sessions, SESSIONS, maxMs),
    tokens: guardVerbs(store.tokens, TOKENS, maxMs),
    proofs: guardVerbs(store.proofs, PROOFS, maxMs),
    outbox: guardVerbs(store.outbox, OUTBOX, maxMs),
    events: guardVerbs(store.events, EVENTS, maxMs),
    // `tx` is not wrapped: the store must see its own errors to decide about a retry.
    transaction: <T>(work: (tx: AuthStore) => Promise<T>) => guardTransaction(store, maxMs, work),
    purge: (cutoffs: PurgeCutoffs, limit: number) => guard(maxMs, () => store.purge(cutoffs, limit)),
    close: () => guard(maxMs, () => store.close()),
  });
}

/** Wraps the limiter in the same way: no attempt passes that was not counted. */
export function failClosedLimiter(limiter: RateLimiter): OrderlyLimiter {
  return Object.freeze({
    ...guardVerbs<Counting>(limiter, LIMITER, MAX_WAIT_MS),
    consumeAll: (attempts: readonly RateAttempt[]) =>
      guard(MAX_WAIT_MS, () => countInOrder(limiter, attempts)),
    close: () => guard(MAX_WAIT_MS, async () => limiter.close?.()),
    ...(limiter.onOutage && { onOutage: limiter.onOutage.bind(limiter) }),
    ...(limiter.onFullTable && { onFullTable: limiter.onFullTable.bind(limiter) }),
  });
}

async function countInOrder(
  limiter: RateLimiter,
  attempts: readonly RateAttempt[],
): Promise<readonly RateVerdict[]> {
  if (!limiter.consumeAll)
    return Promise.all(attempts.slice(0, 1).map(({ key, rule }) => limiter.consume(key, rule)));
  const verdicts = await limiter.consumeAll(attempts);
  if (verdicts.length >= 1 && verdicts.length <= attempts.length) return verdicts;
  throw new TypeError(
    `The rate limiter answered ${verdicts.length} verdicts for ${attempts.length} attempts.`,
  );
}

function guardVerbs<T extends object>(port: T, verbs: Verbs<T>, maxMs: number): T {
  const guarded = Object.keys(verbs).map((verb) => {
    const call = port[verb as keyof T] as (...args: unknown[]) => Promise<unknown>;
    if (typeof call !== "function") throw lacking(verb);
    return [verb, (...args: unknown[]) => guard(maxMs, () => call.apply(port, args))];
  });
  return Object.freeze(Object.fromEntries(guarded));
}

function lacking(verb: string): AuthError {
  return new AuthError("invalid_configuration", {
    message: `createAuth: store or rateLimiter has no ${verb}()`,
  });
}

function guard<T>(maxMs: number, call: () => Promise<T>): Promise<T> {
  return failClosed(() => within(maxMs, call()));
}

/** Once the time is over, `work` fails, so that the store rolls back and gives its locks free. */
function guardTransaction<T>(
  store: AuthStore,
  maxMs: number,
  work: (tx: AuthStore) => Promise<T>,
): Promise<T> {
  const { race, clear } = deadlineIn(maxMs);
  return failClosed(() => race(store.transaction((tx) => race(work(tx))))).finally(clear);
}

async function failClosed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isAuthError(error) ? error : madeUnavailable(error);
  }
}

const MADE_HERE: unique symbol = Symbol("made unavailable here");

function madeUnavailable(thrown: unknown): AuthError {
  return Object.defineProperty(new AuthError("unavailable", { cause: thrown }), MADE_HERE, { value: true });
}

/** Whether this module made the failure from exactly this thrown value. An error of the port itself is not. */
export function isMadeOf(failure: unknown, thrown: unknown): boolean {
  return isAuthError(failure) && MADE_HERE in failure && Object.is(failure.cause, thrown);
}

/** Whether a port gave no answer in time. To ask the same port again would double the wait of the caller. */
export function isCutOff(failure: unknown): boolean {
  return isAuthError(failure) && failure.code === "unavailable" && isTimeout(failure.cause);
}
