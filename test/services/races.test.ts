import { describe } from "vitest";
import { reachable } from "../support/required-services.ts";
import { raceSuite } from "./processes/race-suite.ts";

describe.for(reachable(["postgres", "mariadb"]))("two processes with 25 callers each, on %s", (kind) => {
  raceSuite({ kind });
});
