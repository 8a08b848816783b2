import { sql } from "kysely";
import { afterAll } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/databases.ts";
import type { DatabaseKind } from "../../support/services.ts";

let pglite: Promise<TestDatabase> | undefined;

afterAll(async () => (await pglite)?.drop());

/** An empty database, one at a time: PGlite takes seconds to start, so a file has one, and it is emptied. */
export async function emptyDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind !== "pglite") return createDatabase(kind);
  pglite ??= createDatabase(kind);
  const database = await pglite;
  await sql`drop schema public cascade`.execute(database.db);
  await sql`create schema public`.execute(database.db);
  return { ...database, drop: async () => {} };
}
