// Stands in place of all tests on a database that cannot be reached here: it is skipped, and says why.
import { describe } from "vitest";
import { reachable } from "./required-services.ts";
import type { DatabaseKind } from "./services.ts";

describe("an absent database", () => void reachable([process.env["DATABASE_UNDER_TEST"] as DatabaseKind]));
