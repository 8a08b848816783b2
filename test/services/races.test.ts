import { describe } from "vitest";
import { reachable } from "../support/required-services.ts";
import { drainSuite } from "./processes/drain-suite.ts";
import { mailRaceSuite } from "./processes/mail-race-suite.ts";
import { raceSuite } from "./processes/race-suite.ts";

describe.for(reachable(["postgres", "mariadb", "better-sqlite3"]))(
  "two processes with 25 callers each, on %s",
  (kind) => {
    raceSuite({ kind });
  },
);

describe.for(reachable(["postgres", "mariadb", "better-sqlite3"]))(
  "two processes with 25 callers each, with mails, on %s",
  (kind) => {
    mailRaceSuite({ kind });
  },
);

describe.for(reachable(["postgres", "mariadb", "better-sqlite3"]))("an outbox on %s", (kind) => {
  drainSuite({ kind });
});

describe("an outbox on PGlite", () => drainSuite({ kind: "pglite" }));

describe("50 callers in one process, the only one that PGlite lives in", () => raceSuite({ kind: "pglite" }));

describe("50 callers in one process with mails, on PGlite", () => mailRaceSuite({ kind: "pglite" }));
