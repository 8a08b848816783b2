import type { AuthStore } from "sallyport";
import { afterAll, afterEach, beforeEach } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";
import type { DatabaseKind } from "./services.ts";

const kind = process.env["DATABASE_UNDER_TEST"] as DatabaseKind | undefined;

/** Under `npm run test:services`, the database this run of the suite is about; a fresh one for each file. */
export const databaseUnderTest: TestDatabase | null = kind === undefined ? null : await createDatabase(kind);

/** The stores of the test that runs; null between tests. */
let ofThisTest: AuthStore[] | null = null;

/** An empty store there. One that a test makes is closed when the test is over. */
export function freshStore({ freshStore: make }: TestDatabase): AuthStore {
  const store = make();
  ofThisTest?.push(store);
  return store;
}

// The files of a run share one PGlite, which lives and ends with their process: it boots for seconds.
if (databaseUnderTest && kind !== "pglite") {
  beforeEach(() => {
    ofThisTest = [];
  });
  afterEach(async () => {
    for (const store of ofThisTest ?? []) await databaseUnderTest.takeBack(store);
    ofThisTest = null;
  });
  afterAll(() => databaseUnderTest.drop());
}
