import { accountRoutes } from "./account.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";

/** Every route but the contract's own, which is made from these. */
export const routes: readonly Route[] = [...accountRoutes, ...sessionRoutes];
