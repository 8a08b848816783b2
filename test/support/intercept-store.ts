import type { AuthStore } from "sallyport";

/** Runs before each verb, with its name (`sessions.find`); what it throws is the verb's failure. */
export type Interceptor = (verb: string) => void | Promise<void>;

const ROOMS = ["users", "credentials", "sessions", "tokens", "proofs", "outbox", "events"] as const;

/** The store with something before every verb, inside and outside of transactions, and before each commit. */
export function interceptStore(store: AuthStore, before: Interceptor): AuthStore {
  const rooms = Object.fromEntries(ROOMS.map((room) => [room, interceptAll(room, store[room], before)]));
  return {
    ...(rooms as unknown as AuthStore),
    async transaction<T>(work: (tx: AuthStore) => Promise<T>): Promise<T> {
      await before("begin");
      return store.transaction(async (tx) => {
        const result = await work(interceptStore(tx, before));
        await before("commit");
        return result;
      });
    },
    async purge(cutoffs, limit) {
      await before("purge");
      return store.purge(cutoffs, limit);
    },
    close: () => store.close(),
  };
}

/** Counts the verbs that a call uses. */
export function countVerbs(store: AuthStore): { store: AuthStore; verbs: string[] } {
  const verbs: string[] = [];
  return { store: interceptStore(store, (verb) => void verbs.push(verb)), verbs };
}

/** A port with something before each of its verbs, which is named after the port: `limiter.consume`. */
export function interceptAll<T extends object>(port: string, verbs: T, before: Interceptor): T {
  const entries = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (...args: unknown[]) => {
      await before(`${port}.${name}`);
      return verb(...args);
    },
  ]);
  return Object.fromEntries(entries);
}
