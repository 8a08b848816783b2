import { type OpenDatabase, openDatabase, type Purpose } from "../adapters/kysely/open-database.ts";
import { AuthError, isAuthError } from "../errors.ts";
import type { DatabaseTarget } from "./database-url.ts";
import { failureSentence } from "./failure.ts";

/** Opens the database, uses it, and closes it. A failure names the database and the cause, and no secret. */
export async function withDatabase<T>(
  target: DatabaseTarget,
  purpose: Purpose,
  use: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  try {
    const database = await openDatabase(target, purpose);
    try {
      return await use(database);
    } finally {
      await database.close().catch(() => {}); // the work is done, or its failure is the one to report
    }
  } catch (error) {
    if (isAuthError(error) && error.code !== "unavailable") throw error;
    throw new AuthError("unavailable", { message: `${target.place}: ${failureSentence(error)}` });
  }
}
