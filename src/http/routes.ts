import type { Route } from "./route.ts";
import { accountRoutes } from "./routes/account.ts";
import { sessionRoutes } from "./routes/sessions.ts";

/** Every route but the contract's own, which is made from these. */
export const routes: readonly Route[] = [...accountRoutes, ...sessionRoutes];
