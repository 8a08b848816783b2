// Stands in place of all tests on a database that cannot be reached here: it is skipped, and says why.
import { reachable } from "./required-services.ts";
import type { DatabaseKind } from "./services.ts";

reachable([process.env["DATABASE_UNDER_TEST"] as DatabaseKind]);
