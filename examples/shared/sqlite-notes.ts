import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { MAX_NOTES, type Note, type Notes } from "./notes.ts";

export interface SqliteNotes extends Notes {
  close(): void;
}

/** Keeps notes in the application's own SQLite file, next to the library's. */
export function openNotes(path: string): SqliteNotes {
  const db = new DatabaseSync(path, { timeout: 2000 });
  db.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS notes (
      id TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      text TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS notes_by_owner ON notes (owner, created_at);
  `);
  const select = db.prepare(
    "SELECT id, text, created_at AS createdAt FROM notes WHERE owner = ? ORDER BY created_at DESC, rowid DESC",
  );
  // One statement counts and inserts: two requests at once cannot both take the last place.
  const insert = db.prepare(`
    INSERT INTO notes (id, owner, text, created_at)
    SELECT :id, :owner, :text, :createdAt
    WHERE (SELECT COUNT(*) FROM notes WHERE owner = :owner) < ${MAX_NOTES}
  `);
  const remove = db.prepare("DELETE FROM notes WHERE owner = ? AND id = ?");

  return {
    list: (owner) => select.all(owner) as unknown as readonly Note[],
    add: (owner, text) => {
      const note = { id: randomUUID(), text, createdAt: new Date().toISOString() };
      return insert.run({ ...note, owner }).changes === 1 ? note : null;
    },
    remove: (owner, id) => remove.run(owner, id).changes === 1,
    close: () => db.close(),
  };
}
