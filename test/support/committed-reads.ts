import type { AuthStore, SessionId } from "sallyport";

type SessionRecord = Awaited<ReturnType<AuthStore["sessions"]["find"]>>;

/** A moment of a transaction: before it begins, and after its work, before its commit. */
export type Moment = "begin" | "commit";

/**
 * A store that stops at two moments of each transaction. While a transaction is open, reads of sessions outside of it
 * answer what was committed before, as PostgreSQL does. A store with one lock would let them wait.
 */
export function committedReads(inner: AuthStore, at: (moment: Moment) => Promise<void>): AuthStore {
  const committed = new Map<SessionId, SessionRecord>();
  let open = 0;
  const find = async (id: SessionId): Promise<SessionRecord> => {
    const known = open > 0 ? committed.get(id) : undefined;
    if (known !== undefined) return known;
    const found = await inner.sessions.find(id);
    committed.set(id, found);
    return found;
  };
  return {
    ...inner,
    sessions: { ...inner.sessions, find },
    async transaction(work) {
      await at("begin");
      open++;
      try {
        return await inner.transaction(async (tx) => {
          const result = await work(tx);
          await at("commit");
          return result;
        });
      } finally {
        open--;
      }
    },
  };
}
