import { sql } from "kysely";
import { kyselyStore } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import type { AuthStore } from "../../../src/ports/auth-store.ts";
import { type AnyKysely, connect, type DatabaseRef } from "../../support/databases.ts";

/** Which store to use on which database: fit to be sent to another process. */
export interface StoreRef {
  readonly database: DatabaseRef;
  /** `sqliteStore(path)` instead of `kyselyStore(db)`. */
  readonly itself: boolean;
}

export interface OpenStore {
  readonly store: AuthStore;
  /** Null: the store has its own. */
  readonly db: AnyKysely | null;
  close(): Promise<void>;
}

/** A store of its own, with as many open connections as callers: none of them waits for another. */
export async function openStore({ database, itself }: StoreRef, callers: number): Promise<OpenStore> {
  if (itself) {
    const store = sqliteStore(database.url);
    return { store, db: null, close: () => store.close() };
  }
  const db = connect(database, callers);
  if (database.kind === "postgres" || database.kind === "mariadb") await warmUp(db, callers);
  return { store: kyselyStore(db, { maxWaitMs: 60_000 }), db, close: () => db.destroy() };
}

function warmUp(db: AnyKysely, connections: number): Promise<unknown> {
  return Promise.all(Array.from({ length: connections }, () => sql`select 1`.execute(db)));
}
