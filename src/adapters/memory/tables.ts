import type { AuthEvent } from "../../domain/auth-event.ts";
import type { Credential } from "../../domain/credential.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { EventId, UserId } from "../../domain/ids.ts";
import type { OneTimeToken } from "../../domain/one-time-token.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { Session } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";
import { AuthError } from "../../errors.ts";
import { memoryTable, type Table, type UndoList } from "./table.ts";

export interface Tables {
  readonly users: Table<User>;
  readonly credentials: Table<Credential>;
  readonly sessions: Table<Session>;
  readonly tokens: Table<OneTimeToken>;
  readonly proofs: Table<EmailProof>;
  readonly outbox: Table<QueuedMail>;
  readonly events: Table<AuthEvent>;
  readonly attempts: Table<AttemptRow>;
}

/** An event that was stored without a user, by the pseudonym of the account that it was aimed at. */
interface AttemptRow {
  readonly id: EventId;
  readonly pseudonym: string;
}

/** Runs the step of one verb, whole or not at all. */
export type Run = <T>(step: () => T) => Promise<T>;

export function memoryTables(undo: UndoList): Tables {
  const key = (row: { readonly id: string }): string => row.id;
  const owner = (row: { readonly userId: UserId | null }): UserId | null => row.userId;
  return Object.freeze({
    users: memoryTable<User>({ key, owner: () => null, unique: (user) => user.emailCanonical }, undo),
    credentials: memoryTable<Credential>({ key, owner, unique: credentialName }, undo),
    sessions: memoryTable<Session>({ key, owner }, undo),
    tokens: memoryTable<OneTimeToken>({ key: (token) => token.hash, owner }, undo),
    proofs: memoryTable<EmailProof>({ key, owner }, undo),
    outbox: memoryTable<QueuedMail>({ key, owner: () => null }, undo),
    events: memoryTable<AuthEvent>({ key, owner }, undo),
    attempts: memoryTable<AttemptRow>({ key, owner: (attempt) => attempt.pseudonym }, undo),
  });
}

export function credentialName(credential: Pick<Credential, "kind" | "identifier">): string {
  return `${credential.kind} ${credential.identifier}`;
}

/** Refuses what the keys of a database refuse: a taken key. */
export function assertInsertable(table: { get(key: string): unknown }, key: string): void {
  if (table.get(key)) throw new AuthError("internal_error", { cause: "A row with this key exists already." });
}

export function assertUserExists(tables: Tables, userId: UserId | null): void {
  if (userId === null || tables.users.get(userId)) return;
  throw new AuthError("unavailable", { cause: "The row's user does not exist." });
}

/** Sorts newest first. Rows of one moment are sorted by their ids, which are in the order of creation. */
export function newestFirst<Row extends { readonly id: string; readonly createdAt: Date }>(
  rows: Row[],
): Row[] {
  return rows.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || compareText(b.id, a.id));
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
