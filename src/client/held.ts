import { objectIn } from "./object-in.ts";
import type { Place } from "./place.ts";
import type { AuthClientOptions, ClientState, ClientStorage } from "./types.ts";

/** What the client knows of a session. It has the tokens only in bearer mode. */
export interface HeldSession {
  /** The server's id of the session. */
  readonly id: string;
  /** When the access token came, by the clock of this machine; 0 when that is not known. */
  readonly at: number;
  /** When the token ends, by the same clock. Null: only the server can say. */
  readonly ends: number | null;
  /** The same time as the server wrote it. */
  readonly until?: string | undefined;
  readonly access?: string | undefined;
  readonly refresh?: string | undefined;
}

interface Holdings {
  readonly session?: HeldSession | undefined;
  readonly device?: string | undefined;
}

/** What the storage holds, for all tabs that share it. */
export interface Held {
  /** The stored text. Two equal texts are the same state. */
  text(): string | null;
  holdings(): Holdings;
  session(): HeldSession | undefined;
  hold(session?: HeldSession, device?: string): void;
  state(): ClientState;
  close(): void;
}

export function createHeld(
  { isBearer, key }: Place,
  { storage, onChange }: AuthClientOptions<unknown>,
): Held {
  const item = createItem(() => storage ?? (isBearer ? undefined : globalThis.localStorage), key);
  // A text that is no JSON was not stored by this client.
  const holdings = (): Holdings => objectIn(item.get() ?? "") ?? {};
  const session = (): HeldSession | undefined => holdings().session;
  const state = (): ClientState => {
    if (session()) return "signed_in";
    return isBearer || item.get() ? "signed_out" : "unknown";
  };

  const whoIsIn = (): string => state() + session()?.id;
  let told = whoIsIn();
  const tell = (): void => {
    if (told === whoIsIn()) return;
    told = whoIsIn();
    // Not during a sign-in: an error that the page throws here must not fail it.
    queueMicrotask(() => onChange?.(state()));
  };
  const hold: Held["hold"] = (next, device = holdings().device) => {
    item.set(JSON.stringify({ session: next, device } satisfies Holdings));
    tell();
  };

  const listening = new AbortController();
  // A page that the browser restores from its back/forward cache has missed events of the storage.
  for (const event of ["storage", "pageshow"]) {
    globalThis.addEventListener?.(event, tell, listening);
  }
  return { text: item.get, holdings, session, hold, state, close: () => listening.abort() };
}

interface Item {
  get(): string | null;
  set(text: string): void;
}

/** One item of a storage. It is in memory when there is no storage, and after a storage has refused. */
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
          // A used refresh token must not stay there: another tab would send it, and the session would end.
          storage.removeItem(key);
        }
      });
    },
  };
}
