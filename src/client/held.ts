import { objectIn } from "./object-in.ts";
import type { ClientState, ClientStorage } from "./types.ts";

/** What the client knows of a session. The tokens only in bearer mode. */
export interface HeldSession {
  /** The server's id of it. */
  readonly id: string;
  /** When its access token came, by the clock of this machine; 0 when that is not known. */
  readonly at: number;
  /** When that token ends, by the same clock; null: when the server says so. */
  readonly ends: number | null;
  /** The same in the server's words. */
  readonly until?: string | undefined;
  readonly access?: string | undefined;
  readonly refresh?: string | undefined;
}

interface Holdings {
  readonly session?: HeldSession | undefined;
  readonly device?: string | undefined;
}

/** What stands in the storage, for all tabs that share it. */
export interface Held {
  /** As it is stored: two equal texts are one state of affairs. */
  text(): string | null;
  holdings(): Holdings;
  session(): HeldSession | undefined;
  hold(session: HeldSession | undefined, device?: string): void;
  state(): ClientState;
  close(): void;
}

export interface HeldOptions {
  /** Throws where the browser refuses. Undefined: in memory. */
  readonly storage: () => ClientStorage | undefined;
  readonly key: string;
  /** What nothing stored means. */
  readonly initial: ClientState;
  readonly onChange: ((state: ClientState) => unknown) | undefined;
}

export function createHeld({ storage, key, initial, onChange }: HeldOptions): Held {
  const item = createItem(storage, key);
  // What cannot be read is somebody else's.
  const holdings = (): Holdings => objectIn(item.get() ?? "") ?? {};
  const session = (): HeldSession | undefined => holdings().session;
  const state = (): ClientState => {
    if (session()) return "signed_in";
    return item.get() ? "signed_out" : initial;
  };

  const whoIsIn = (): string => state() + session()?.id;
  let told = whoIsIn();
  const tell = (): void => {
    if (told === whoIsIn()) return;
    told = whoIsIn();
    // Not in the middle of a sign-in: what the page throws here is not that one's failure.
    queueMicrotask(() => onChange?.(state()));
  };
  const hold: Held["hold"] = (next, device = holdings().device) => {
    item.set(JSON.stringify({ session: next, device } satisfies Holdings));
    tell();
  };

  const listening = new AbortController();
  // A page that comes back from the cache of whole pages has missed the events of the storage.
  for (const event of ["storage", "pageshow"]) {
    globalThis.addEventListener?.(event, tell, listening);
  }
  const close = (): void => listening.abort();
  return { text: item.get, holdings, session, hold, state, close };
}

interface Item {
  get(): string | null;
  set(text: string): void;
}

/** One item of a storage; in memory where there is no storage, and from the moment on where it refuses. */
function createItem(open: () => ClientStorage | undefined, key: string): Item {
  let usable = true;
  let memory: string | null = null;
  const attempt = (use: (storage: ClientStorage) => void): void => {
    try {
      const storage = usable && open();
      if (storage) use(storage);
    } catch {
      usable = false;
    }
  };
  return {
    get: () => {
      attempt((storage) => {
        memory = storage.getItem(key);
      });
      return memory;
    },
    set: (text) => {
      memory = text;
      attempt((storage) => {
        try {
          storage.setItem(key, text);
        } catch {
          usable = false;
          // A used refresh token that stays there, for another tab, would end the session.
          storage.removeItem(key);
        }
      });
    },
  };
}
