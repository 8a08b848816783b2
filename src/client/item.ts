import { mistake } from "./options.ts";
import type { ClientStorage } from "./types.ts";

/** One item of a storage. It is in memory when there is no storage, and after a storage has refused. */
export interface Item {
  /** Undefined: it is not read yet. */
  get(): string | null | undefined;
  set(text: string): void;
}

/** Each call throws a TypeError if the storage answers with a promise: its failure would go unseen. */
export function createItem(open: () => ClientStorage | false | null | undefined, keyOf: () => string): Item {
  let usable = true;
  let isLate: unknown;
  let memory: string | null | undefined = null;
  const attempt = (use: (storage: ClientStorage) => unknown): void => {
    try {
      const storage = usable && open();
      isLate ||= storage && Object(use(storage)).then;
    } catch {
      usable = false;
    }
    if (isLate) throw mistake("storage is asynchronous: use asyncStorage");
  };
  return {
    get: () => {
      attempt((storage) => {
        memory = storage.getItem(keyOf());
        return memory;
      });
      return memory;
    },
    set: (text) => {
      memory = text;
      attempt((storage) => {
        try {
          return storage.setItem(keyOf(), text);
        } catch {
          usable = false;
          // A used refresh token must not stay there: another tab would send it, and the session would end.
          return storage.removeItem(keyOf());
        }
      });
    },
  };
}
