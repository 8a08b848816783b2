import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { MAX_NOTES, type Note, type Notes } from "./notes.ts";
import type { Database } from "./postgres.ts";

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Keeps notes in PostgreSQL, for all instances. */
export function postgresNotes(db: Kysely<Database>): Notes {
  return {
    list: async (owner) => {
      const rows = await db
        .selectFrom("notes")
        .select(["id", "text", "created_at"])
        .where("owner", "=", owner)
        .orderBy("created_at", "desc")
        .execute();
      return rows.map(toNote);
    },
    add: (owner, text) =>
      db.transaction().execute(async (trx) => {
        // One writer for an owner at a time: two writers on any instances could both count the last place as free.
        await sql`select pg_advisory_xact_lock(hashtextextended(${owner}, 0))`.execute(trx);
        const { rows } = await sql<Database["notes"]>`
          insert into notes (id, owner, text)
          select ${randomUUID()}::uuid, ${owner}::uuid, ${text}
          where (select count(*) from notes where owner = ${owner}::uuid) < ${MAX_NOTES}
          returning id, text, created_at`.execute(trx);
        return rows[0] ? toNote(rows[0]) : null;
      }),
    remove: async (owner, id) => {
      if (!UUID.test(id)) return false; // PostgreSQL would throw an error
      const { numDeletedRows } = await db
        .deleteFrom("notes")
        .where("owner", "=", owner)
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function toNote({ id, text, created_at }: Omit<Database["notes"], "owner">): Note {
  return { id, text, createdAt: created_at.toISOString() };
}
