import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AuthStore } from "sallyport";
import { kyselyStore } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import type { Notes } from "../express/notes.ts";
import { openNotes } from "../express/sqlite-notes.ts";
import { makeTables, openDatabase } from "./postgres.ts";
import { postgresNotes } from "./postgres-notes.ts";

/** Where an example keeps what it is told. */
export interface Data {
  readonly store: AuthStore;
  readonly notes: Notes;
  /** To be called after `auth.close()`. */
  close(): Promise<void>;
}

/** In PostgreSQL where a URL is given, and the tables are made; else in SQLite files in this folder. */
export async function openData(databaseUrl: string | undefined, folder: string): Promise<Data> {
  return databaseUrl ? inPostgres(databaseUrl) : inFiles(folder);
}

async function inPostgres(url: string): Promise<Data> {
  // Never with the URL in the message: there is a password in it.
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

// Where a name has two addresses and neither answers, the message is empty, and the code says it.
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || "PostgreSQL does not answer";
}

function inFiles(folder: string): Data {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const notes = openNotes(join(folder, "notes.db"));
  return { store: sqliteStore(join(folder, "auth.db")), notes, close: async () => notes.close() };
}
