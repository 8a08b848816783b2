import type {
  AuthClient,
  AuthClientOptions,
  ClientSnapshot,
  ClientState,
  CurrentUser,
  PublicUser,
} from "./types.ts";

interface Seen {
  state(): ClientState;
  session(): { readonly id: string } | undefined;
}

/** State and user as one object, and the listeners that are called when it changes. */
export interface Snapshots extends Pick<AuthClient, "subscribe" | "close"> {
  /** One object until something changes. What has changed since the last call, it tells the listeners. */
  snapshot(): ClientSnapshot;
  /** Keeps the user of an answer. It is shown while the session of the answer is the one here. */
  know(answer: Partial<CurrentUser>): void;
}

export function createSnapshots({ state, session }: Seen, options: AuthClientOptions<unknown>): Snapshots {
  const listening = new AbortController();
  const listeners = new Set<Listener>();
  let known: Partial<CurrentUser> = {};
  let taken: ClientSnapshot;
  let who: string | undefined;
  let text: string;

  const snapshot = (): ClientSnapshot => {
    const id = session()?.id;
    const user = userOf(known, id);
    const now = state() + id;
    // By content: an equal answer is no change, and the page need not render again.
    const next = now + JSON.stringify(user);
    if (text !== next) {
      if (who) tell([...listeners, who !== now && (() => options.onChange?.(state()))]);
      who = now;
      text = next;
      taken = Object.freeze({ state: state(), user });
    }
    return taken;
  };
  // A page that the browser restores from its back/forward cache has missed events of the storage.
  for (const event of ["storage", "pageshow"]) globalThis.addEventListener?.(event, snapshot, listening);
  // A server reads nothing before a call.
  if (globalThis.location) snapshot();
  return {
    snapshot,
    subscribe(listener) {
      snapshot();
      return listen(listeners, listener);
    },
    know: (answer) => {
      if (answer.user) known = answer;
    },
    close: () => listening.abort(),
  };
}

/** The user of an answer, if it is about this session. */
function userOf({ session, user }: Partial<CurrentUser>, id: string | undefined): PublicUser | null {
  return (id && session?.id === id && user) || null;
}

type Listener = () => unknown;

/** Not during a sign-in: an error that the page throws here fails neither the sign-in nor the next listener. */
function tell(listeners: readonly (Listener | false)[]): void {
  for (const listener of listeners) if (listener) queueMicrotask(listener);
}

function listen(listeners: Set<Listener>, listener: Listener): () => void {
  // One for each call: the same function may listen twice.
  const once: Listener = () => listeners.has(once) && listener();
  listeners.add(once);
  return () => listeners.delete(once);
}
