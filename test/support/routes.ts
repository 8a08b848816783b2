import type { Auth } from "sallyport";
import { mailRoutes as mailRoutesOf } from "../../src/contract/mail.ts";
import type { RouteRow } from "../../src/contract/route.ts";
import { coreRoutes } from "../../src/contract/routes.ts";
import { makeAuth } from "./harness.ts";
import { makeMailAuth } from "./mailbox.ts";

/** The rows of the core, to be read. Tests call routes through a handler. */
export const routes: readonly RouteRow[] = coreRoutes(makeAuth().auth);

/** Those that it has with a mailer besides. */
export const mailRoutes: readonly RouteRow[] = mailRoutesOf(makeMailAuth().auth as Auth);
