import type { AuthStore } from "sallyport";
import { createDatabase, type TestDatabase } from "./databases.ts";
import type { DatabaseKind } from "./services.ts";

const kind = process.env["DATABASE_UNDER_TEST"] as DatabaseKind | undefined;

/** Under `npm run test:services`, the database this run of the suite is about. The files of a process share it. */
export const databaseUnderTest: TestDatabase | null = kind === undefined ? null : await createDatabase(kind);

/** The stores of the test that runs; null between tests. */
let ofThisTest: AuthStore[] | null = null;

/** An empty store there. One that a test makes is closed when the test is over. */
export function freshStore({ freshStore: make }: TestDatabase): AuthStore {
  const store = make();
  ofThisTest?.push(store);
  return store;
}

export function beginTest(): void {
  ofThisTest = [];
}

export async function endTest(): Promise<void> {
  const stores = ofThisTest ?? [];
  ofThisTest = null;
  for (const store of stores) await databaseUnderTest?.takeBack(store);
}
