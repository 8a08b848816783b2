import { afterAll } from "vitest";
import { createDatabase, type DatabaseKind, type TestDatabase } from "./databases.ts";

const kind = process.env["DATABASE_UNDER_TEST"] as DatabaseKind | undefined;

/** Under `npm run test:services`, the database this run of the suite is about; a fresh one for each file. */
export const databaseUnderTest: TestDatabase | null = kind === undefined ? null : await createDatabase(kind);

// The files of a run share one PGlite, which lives and ends with their process: it boots for seconds.
if (kind !== "pglite") afterAll(() => databaseUnderTest?.drop());
