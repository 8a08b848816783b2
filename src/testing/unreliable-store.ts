import type { AuthStore } from "../ports/auth-store.ts";

/** A store that a test can take away. */
export interface UnreliableStore {
  /** Give this to `createAuth`. */
  readonly store: AuthStore;
  /** From now on every call of the store fails, but `close`. A transaction that has begun goes on. */
  fail(): void;
  recover(): void;
}

/**
 * Wraps a store, so that a test can see what an application does without it: a route must answer 503, and never treat a
 * user as signed out.
 *
 * @example
 * ```ts
 * import { createAuth, memoryStore } from "sallyport";
 * import { insecureTestHasher, unreliableStore } from "sallyport/testing";
 *
 * const { store, fail } = unreliableStore(memoryStore());
 * const auth = createAuth({
 *   secret: process.env["AUTH_SECRET"],
 *   store,
 *   password: { hasher: insecureTestHasher() },
 * });
 * fail();
 * await auth.getUser(accessToken); // Throws `unavailable`.
 * ```
 */
export function unreliableStore(inner: AuthStore): UnreliableStore {
  let isAway = false;
  const reach = async (): Promise<void> => {
    if (isAway) throw new TypeError("The store is away.");
  };
  const guarded = <Room extends object>(room: Room): Room => {
    const verbs = Object.entries(room).map(([name, verb]) => [
      name,
      async (...args: readonly unknown[]): Promise<unknown> => {
        await reach();
        return verb(...args);
      },
    ]);
    return Object.freeze(Object.fromEntries(verbs));
  };
  const store: AuthStore = {
    users: guarded(inner.users),
    credentials: guarded(inner.credentials),
    sessions: guarded(inner.sessions),
    tokens: guarded(inner.tokens),
    proofs: guarded(inner.proofs),
    outbox: guarded(inner.outbox),
    events: guarded(inner.events),
    transaction: (work) => reach().then(() => inner.transaction(work)),
    purge: (cutoffs, limit) => reach().then(() => inner.purge(cutoffs, limit)),
    close: () => inner.close(),
  };
  const set = (away: boolean) => (): void => {
    isAway = away;
  };
  return Object.freeze({ store, fail: set(true), recover: set(false) });
}
