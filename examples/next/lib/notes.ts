import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { dataFile } from "./data";

export const MAX_NOTE_LENGTH = 500;
const MAX_NOTES = 100;

export interface Note {
  readonly id: string;
  readonly text: string;
}

const kept = globalThis as typeof globalThis & { notesDatabase?: DatabaseSync };

/** Opened at the first request: a build has no database. */
function database(): DatabaseSync {
  if (kept.notesDatabase) return kept.notesDatabase;
  const db = new DatabaseSync(dataFile("notes.db"), { timeout: 2000 });
  db.exec(
    "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, owner TEXT NOT NULL, text TEXT NOT NULL) STRICT",
  );
  kept.notesDatabase = db;
  return db;
}

/** The newest first. The owner is always the proven caller, never a part of the request. */
export function listNotes(owner: string): readonly Note[] {
  const rows = database()
    .prepare("SELECT id, text FROM notes WHERE owner = ? ORDER BY rowid DESC")
    .all(owner);
  return rows.map(({ id, text }) => ({ id: String(id), text: String(text) }));
}

/** What is wrong with the text, in words. Null: it is stored. */
export function addNote(owner: string, typed: unknown): string | null {
  const text = typeof typed === "string" ? typed.trim() : "";
  if (text === "") return "Write something first.";
  if (text.length > MAX_NOTE_LENGTH) return `Use at most ${MAX_NOTE_LENGTH} characters.`;
  if (text.includes("\0") || !text.isWellFormed()) return "This has characters that cannot be used.";
  // One statement counts and inserts: two requests at once cannot both take the last place.
  const insert = database().prepare(`
    INSERT INTO notes (id, owner, text) SELECT :id, :owner, :text
    WHERE (SELECT COUNT(*) FROM notes WHERE owner = :owner) < ${MAX_NOTES}`);
  const { changes } = insert.run({ id: randomUUID(), owner, text });
  return changes === 1 ? null : `You have ${MAX_NOTES} notes. Remove one first.`;
}

export function removeNote(owner: string, id: string): void {
  database().prepare("DELETE FROM notes WHERE owner = ? AND id = ?").run(owner, id);
}

export function removeNotes(owner: string): void {
  database().prepare("DELETE FROM notes WHERE owner = ?").run(owner);
}
