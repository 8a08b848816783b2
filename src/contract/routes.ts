import type { Auth } from "../api/auth.ts";
import { accountRoutes } from "./account.ts";
import { mailRoutes } from "./mail.ts";
import type { RouteRow } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";

/** The routes of the core. The contract itself is one more: the HTTP layer makes it from all rows. */
export function coreRoutes(auth: Auth): readonly RouteRow[] {
  return [...accountRoutes(auth), ...mailRoutes(auth), ...sessionRoutes(auth)];
}
