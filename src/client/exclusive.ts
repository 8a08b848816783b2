import type { ClientLocks } from "./types.ts";

export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/** Does one piece of work at a time: over all tabs with locks, else in this client. */
export function createExclusive(nameOf: () => string, locks: ClientLocks | null | undefined): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const name = nameOf();
    if (locks) return locks.request(name, work);
    last = last.then(work, work);
    return last as ReturnType<typeof work>;
  };
}
