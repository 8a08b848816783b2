export const MAX_NOTE_LENGTH = 500;
export const MAX_NOTES = 100;

export interface Note {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
}

/** The notes of all users. There is no call without an owner, so none can forget to ask for one. */
export interface Notes {
  list(owner: string): Awaitable<readonly Note[]>;
  /** Null when the owner has `MAX_NOTES` already. */
  add(owner: string, text: string): Awaitable<Note | null>;
  /** False when the owner has no such note, whoever else may have it. */
  remove(owner: string, id: string): Awaitable<boolean>;
}

/** A file answers at once, a server later. */
type Awaitable<T> = T | Promise<T>;
