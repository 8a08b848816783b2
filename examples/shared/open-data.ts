import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AuthStore } from "sallyport";
import { kyselyStore } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import type { Notes } from "./notes.ts";
import { makeTables, openDatabase } from "./postgres.ts";
import { postgresNotes } from "./postgres-notes.ts";
import { openNotes } from "./sqlite-notes.ts";

/** Where an example keeps its data. */
export interface Data {
  readonly store: AuthStore;
  readonly notes: Notes;
  /** Call it after `auth.close()`. */
  close(): Promise<void>;
}

/** With a URL: PostgreSQL, and the tables are created. Without: SQLite files in this folder. */
export async function openData(databaseUrl: string | undefined, folder: string): Promise<Data> {
  return databaseUrl ? inPostgres(databaseUrl) : inFiles(folder);
}

async function inPostgres(url: string): Promise<Data> {
  // Never put the URL into the message: it contains a password.
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new TypeError("DATABASE_URL must be a URL that begins with postgres://");
  }
  const db = openDatabase(url);
  try {
    await makeTables(db);
  } catch (error) {
    await db.destroy();
    throw new TypeError(`DATABASE_URL: ${reasonOf(error)}`);
  }
  return { store: kyselyStore(db), notes: postgresNotes(db), close: () => db.destroy() };
}

// If a name has two addresses and neither answers, the message is empty and only the code has the reason.
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || "PostgreSQL does not answer";
}

function inFiles(folder: string): Data {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const notes = openNotes(join(folder, "notes.db"));
  return { store: sqliteStore(join(folder, "auth.db")), notes, close: async () => notes.close() };
}
