import type { RouteRow } from "../../src/contract/route.ts";
import { coreRoutes } from "../../src/contract/routes.ts";
import { makeAuth } from "./harness.ts";

/** The rows of the core, to be read. Tests call routes through a handler. */
export const routes: readonly RouteRow[] = coreRoutes(makeAuth().auth);
