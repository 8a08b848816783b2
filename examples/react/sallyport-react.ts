import { useSyncExternalStore } from "react";
import type { AuthClient, ClientSnapshot } from "sallyport/client";

const UNKNOWN: ClientSnapshot = Object.freeze({ state: "unknown", user: null });

/**
 * Who is signed in, as far as this page knows. The component renders again when that changes, in another tab too. On a
 * server, and while a page is hydrated, the state is `unknown`.
 *
 * @example
 * ```ts
 * import { createElement, type ReactElement } from "react";
 * import { createAuthClient } from "sallyport/client";
 * import { useAuth } from "sallyport/react";
 *
 * const client = createAuthClient({ transport: "cookie" });
 *
 * export function Greeting(): ReactElement {
 *   const { user } = useAuth(client);
 *   return createElement("p", null, user ? `Hello, ${user.email}` : "Welcome");
 * }
 * ```
 */
export function useAuth(client: AuthClient): ClientSnapshot {
  return useSyncExternalStore(client.subscribe, client.snapshot, unknownYet);
}

function unknownYet(): ClientSnapshot {
  return UNKNOWN;
}
