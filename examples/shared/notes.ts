export const MAX_NOTE_LENGTH = 500;
export const MAX_NOTES = 100;

export interface Note {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
}

/** The notes of all users. Every call has an owner, so no caller can forget it. */
export interface Notes {
  list(owner: string): Awaitable<readonly Note[]>;
  /** Null when the owner has `MAX_NOTES` already. */
  add(owner: string, text: string): Awaitable<Note | null>;
  /** False when the owner has no such note, even if another user has it. */
  remove(owner: string, id: string): Awaitable<boolean>;
}

/** A file answers synchronously, a server later. */
type Awaitable<T> = T | Promise<T>;
