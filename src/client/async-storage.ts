import { AuthProblem } from "./problem.ts";
import type { ClientStorage } from "./types.ts";

/** A storage whose methods answer with promises, such as those of phones and of browser extensions. */
export interface AsyncStorage {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

/**
 * Makes a storage for `createAuthClient` of one that answers with promises. It reads the item once, and then keeps the
 * truth in memory. A call of the client resolves after its change was written. If the app is stopped between a refresh
 * and its write, the user has to sign in again. Make one for each storage: two would not see each other's changes.
 *
 * A call rejects with `storage_failed` if the item cannot be read, and the next call reads again. If a write fails, the
 * stored item is removed: a used refresh token would end the session. The session goes on in memory, and the next
 * change is written again.
 *
 * @example
 * ```ts
 * import { createAuthClient } from "sallyport/client";
 * import { type AsyncStorage, asyncStorage } from "sallyport/client-storage";
 *
 * export const clientOn = (storage: AsyncStorage) =>
 *   createAuthClient({ basePath: "https://app.example/auth", storage: asyncStorage(storage) });
 * ```
 */
export function asyncStorage(storage: AsyncStorage): ClientStorage {
  const items = new Map<string, string | null>();
  const reading = new Map<string, Promise<string | null>>();
  let writing: Promise<void> = Promise.resolve();

  const readOnce = async (key: string): Promise<void> => {
    if (items.has(key)) return;
    const begun = reading.get(key) ?? read(storage, key);
    reading.set(key, begun);
    try {
      const found = await begun;
      if (!items.has(key)) items.set(key, found);
    } finally {
      reading.delete(key);
    }
  };
  /** One after the other: a storage may be quicker with a later write. */
  const write = (work: () => Promise<unknown>): void => {
    writing = writing.then(work).then(ignore, ignore);
  };
  return {
    getItem: (key) => items.get(key),
    setItem: (key, value) => {
      items.set(key, value);
      write(() => store(storage, key, value));
    },
    removeItem: (key) => {
      items.set(key, null);
      write(async () => storage.removeItem(key));
    },
    around: async (key, work) => {
      await readOnce(key);
      try {
        return await work();
      } finally {
        await writing;
      }
    },
  };
}

async function read(storage: AsyncStorage, key: string): Promise<string | null> {
  try {
    return await storage.getItem(key);
  } catch (cause) {
    const title = "The storage cannot be read.";
    throw new AuthProblem({ code: "storage_failed", status: 0, title }, { cause });
  }
}

async function store(storage: AsyncStorage, key: string, value: string): Promise<void> {
  try {
    await storage.setItem(key, value);
  } catch {
    await storage.removeItem(key);
  }
}

function ignore(): void {}
