import { createItem } from "./item.ts";
import { objectIn } from "./object-in.ts";
import type { Place } from "./place.ts";
import { createSnapshots, type Snapshots } from "./snapshots.ts";
import type { AuthClientOptions, ClientState, ClientStorage, CurrentUser } from "./types.ts";

/** What the client knows of a session. It has the tokens only in bearer mode. */
export interface HeldSession {
  /** The server's id of the session. */
  readonly id: string;
  /** When the access token came, by the clock of this machine. Undefined: that is not known. */
  readonly at?: number | undefined;
  /** When the token ends, by the same clock. Undefined: only the server can say. */
  readonly ends?: number | undefined;
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
export interface Held extends Snapshots {
  /** The stored text. Two equal texts are the same state. */
  text(): string | null | undefined;
  holdings(): Holdings;
  session(): HeldSession | undefined;
  /** `answer` names the user of the session. */
  hold(session?: HeldSession, device?: string, answer?: Partial<CurrentUser>): void;
  state(): ClientState;
  /** Does work after the storage was read, and resolves after the storage has what the work has changed. */
  stored<T>(work: () => Promise<T>): Promise<T>;
}

export function createHeld(place: Place, options: AuthClientOptions<unknown>): Held {
  const { storage } = options;
  const item = createItem(() => storage ?? ownStorage(place), place.key);
  // A text that is no JSON was not stored by this client.
  const holdings = (): Holdings => objectIn(item.get() ?? "") ?? {};
  const session = (): HeldSession | undefined => holdings().session;
  const state = (): ClientState => {
    if (session()) return "signed_in";
    return item.get() || (place.isBearer && item.get() !== undefined) ? "signed_out" : "unknown";
  };
  const snapshots = createSnapshots({ state, session }, options);
  const { snapshot } = snapshots;

  const hold: Held["hold"] = (next, device = holdings().device, answer = {}) => {
    snapshot();
    snapshots.know(answer);
    item.set(JSON.stringify({ session: next, device } satisfies Holdings));
    snapshot();
  };
  const stored: Held["stored"] = async (work) => {
    if (!storage?.around) return work();
    snapshot();
    return storage.around(place.key(), () => {
      snapshot();
      return work();
    });
  };
  return { ...snapshots, text: item.get, holdings, session, state, hold, stored };
}

/** A server may have a `localStorage` too. All its users would share it. */
function ownStorage({ isBearer }: Place): ClientStorage | false | undefined {
  return !isBearer && globalThis.location && globalThis.localStorage;
}
