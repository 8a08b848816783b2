import { AuthError, isAuthError } from "../errors.ts";
import type {
  AuthStore,
  CredentialStore,
  EventStore,
  PurgeCutoffs,
  SessionStore,
  TokenStore,
  UserStore,
} from "../ports/auth-store.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";

type Verbs<T> = Readonly<Record<keyof T, true>>;

// These lists are written out: a verb that a port has and a list lacks does not compile.
const USERS: Verbs<UserStore> = {
  create: true,
  find: true,
  findForLogin: true,
  admit: true,
  change: true,
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
const EVENTS: Verbs<EventStore> = { append: true, list: true, nth: true };
type Counting = Pick<RateLimiter, "consume" | "refund">;
const LIMITER: Verbs<Counting> = { consume: true, refund: true };

/** Wraps the store. Each of its errors becomes `unavailable`, so that no failure reads as an answer. */
export function failClosedStore(store: AuthStore): AuthStore {
  return Object.freeze({
    users: guardVerbs(store.users, USERS),
    credentials: guardVerbs(store.credentials, CREDENTIALS),
    sessions: guardVerbs(store.sessions, SESSIONS),
    tokens: guardVerbs(store.tokens, TOKENS),
    events: guardVerbs(store.events, EVENTS),
    // `tx` is not wrapped: the store must see its own errors to decide about a retry.
    transaction: <T>(work: (tx: AuthStore) => Promise<T>) => guard(() => store.transaction(work)),
    purge: (cutoffs: PurgeCutoffs, limit: number) => guard(() => store.purge(cutoffs, limit)),
    close: () => guard(() => store.close()),
  });
}

/** Wraps the limiter. Each of its errors becomes `unavailable`, so that no uncounted attempt passes. */
export function failClosedLimiter(limiter: RateLimiter): RateLimiter {
  return Object.freeze({
    ...guardVerbs<Counting>(limiter, LIMITER),
    close: () => guard(async () => limiter.close?.()),
    ...(limiter.onOutage && { onOutage: limiter.onOutage.bind(limiter) }),
  });
}

function guardVerbs<T extends object>(port: T, verbs: Verbs<T>): T {
  const guarded = Object.keys(verbs).map((verb) => {
    const call = port[verb as keyof T] as (...args: unknown[]) => Promise<unknown>;
    if (typeof call !== "function") throw lacking(verb);
    return [verb, (...args: unknown[]) => guard(() => call.apply(port, args))];
  });
  return Object.freeze(Object.fromEntries(guarded));
}

function lacking(verb: string): AuthError {
  return new AuthError("invalid_configuration", {
    message: `createAuth: store or rateLimiter has no ${verb}()`,
  });
}

async function guard<T>(call: () => Promise<T>): Promise<T> {
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
