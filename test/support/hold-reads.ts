import type { AuthStore } from "sallyport";

export interface HeldReads {
  readonly store: AuthStore;
  /** From now on the next read of a session is answered by the database, and its answer held back. */
  hold(): { readonly answered: Promise<void>; release(): void };
}

/** A store whose reads of sessions can be slow on the way back: what they bring is old by then. */
export function holdReads(store: AuthStore): HeldReads {
  const waiting: { answered: () => void; released: Promise<void> }[] = [];
  const find: AuthStore["sessions"]["find"] = async (id) => {
    const held = waiting.shift();
    const found = await store.sessions.find(id);
    held?.answered();
    await held?.released;
    return found;
  };
  return {
    store: { ...store, sessions: { ...store.sessions, find } },
    hold() {
      const answered = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      waiting.push({ answered: answered.resolve, released: released.promise });
      return { answered: answered.promise, release: released.resolve };
    },
  };
}
