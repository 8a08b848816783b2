import type { AuthClient, AuthClientOptions, ClientSnapshot, ClientState, CurrentUser } from "./types.ts";

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
  const { tell, subscribe } = createListeners();
  let known: Partial<CurrentUser> = {};
  let taken: ClientSnapshot;
  let who: string | undefined;
  let text: string;

  const snapshot = (): ClientSnapshot => {
    const id = session()?.id;
    const user = (id && known.session?.id === id && known.user) || null;
    const now = state() + id;
    // By content: an equal answer is no change, and the page need not render again.
    const next = now + JSON.stringify(user);
    if (text !== next) {
      if (who) tell(who !== now && (() => options.onChange?.(state())));
      [who, text] = [now, next];
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
    subscribe: (listener) => {
      snapshot();
      return subscribe(listener);
    },
    know: (answer) => {
      if (answer.user) known = answer;
    },
    close: () => listening.abort(),
  };
}

type Listener = () => unknown;

interface Listeners {
  /** Calls each listener, and then one more. */
  tell(last: Listener | false): void;
  subscribe(listener: Listener): () => void;
}

function createListeners(): Listeners {
  const listeners = new Set<Listener>();
  return {
    // Not during a sign-in: an error that the page throws here fails neither the sign-in nor the next listener.
    tell: (last) => {
      for (const listener of [...listeners, last]) if (listener) queueMicrotask(listener);
    },
    subscribe: (listener) => {
      // One for each call: the same function may listen twice.
      const once: Listener = () => listeners.has(once) && listener();
      listeners.add(once);
      return () => listeners.delete(once);
    },
  };
}
