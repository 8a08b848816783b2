import { kyselyStore, migrate } from "sallyport/kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuthStore } from "../../../src/ports/auth-store.ts";
import { noon, sampleMail } from "../../../src/testing/store/samples.ts";
import { createDatabase, type TestDatabase } from "../../support/databases.ts";
import { type CallerProcesses, type Callers, callersHere, startProcesses } from "./callers.ts";
import type { RaceOptions } from "./race-suite.ts";

const PROCESSES = 3;
const MAILS = 300;

/** Workers of three processes claim what is due, a few mails at a time, and settle it. */
export function drainSuite({ kind, itself = false }: RaceOptions): void {
  let database: TestDatabase;
  let processes: CallerProcesses | undefined;
  let callers: Callers;
  let store: AuthStore;

  beforeAll(async () => {
    database = await createDatabase(kind);
    await migrate(database.db);
    store = kyselyStore(database.db);
    if (kind === "pglite") callers = callersHere({ store, db: database.db }, [PROCESSES, 1]);
    else {
      callers = processes = await startProcesses(PROCESSES);
      await processes.open({ database: database.ref, itself }, 1);
    }
  });
  afterAll(async () => {
    await callers?.close();
    await database?.drop();
  });

  test("three processes send each mail once, and none is left", async () => {
    const mails = Array.from({ length: MAILS }, (_, ms) => sampleMail({ dueAt: noon(-ms) }));
    const later = sampleMail({ dueAt: noon(1) });
    await store.outbox.put([...mails, later]);
    const answers = await callers.race(() => ({ verb: "drain" }));
    // A process that came late has sent none.
    const sent = answers.flatMap((answer) => String(answer).split(" ").filter(Boolean));
    expect(sent.sort()).toEqual(mails.map(({ id }) => id).sort());
    const { rows } = await database.db
      .selectFrom("auth_outbox")
      .select(({ fn }) => fn.countAll().as("rows"))
      .executeTakeFirstOrThrow();
    expect(Number(rows)).toBe(1);
  });
}
