import { type CompiledQuery, sql } from "kysely";
import { type EventId, firstIdAhead, firstIdAt, MAX_AHEAD } from "../../domain/ids.ts";
import type { PurgeCutoffs, PurgeResult } from "../../ports/auth-store.ts";
import { affected, type Runner } from "./runner.ts";
import type { DoomedRows, Schema } from "./sql-dialect.ts";

/** The most rows that one statement deletes: logins wait behind a long statement. */
const BATCH = 500;

type Doomed = Omit<DoomedRows, "limit">;

export interface Purge {
  readonly cutoffs: PurgeCutoffs;
  readonly limit: number;
}

export async function purge(runner: Runner, schema: Schema, { cutoffs, limit }: Purge): Promise<PurgeResult> {
  let deleted = 0;
  let more = false;
  for (const kind of doomedRows(schema, cutoffs)) {
    let count = 0;
    for (const doomed of kind) {
      const deleteSome = (batch: number) => deleteBatch(runner, schema, { ...doomed, limit: batch });
      count += await deleteUpTo(limit - count, deleteSome);
    }
    deleted += count;
    more ||= count === limit;
  }
  const ahead = (await runner.run(eventsAhead(schema, cutoffs.now))).rows.length;
  return { deleted, more, ...(ahead > 0 && { ahead }) };
}

/** By the primary key: it reads no other events. */
function eventsAhead({ db, names }: Schema, now: Date): CompiledQuery<{ id: string }> {
  const ahead = db.selectFrom(names.events).select("id").where("id", ">=", firstIdAhead<EventId>(now));
  return ahead.limit(MAX_AHEAD).compile();
}

async function deleteUpTo(limit: number, deleteSome: (batch: number) => Promise<number>): Promise<number> {
  let deleted = 0;
  while (deleted < limit) {
    const batch = Math.min(BATCH, limit - deleted);
    const count = await deleteSome(batch);
    deleted += count;
    if (count < batch) break;
  }
  return deleted;
}

async function deleteBatch(runner: Runner, { db, dialect }: Schema, doomed: DoomedRows): Promise<number> {
  return affected(await runner.run(dialect.deleteSome(doomed).compile(db)));
}

/** The dead rows by kind. Each statement finds its rows by one index. */
function doomedRows({ names, dialect }: Schema, cutoffs: PurgeCutoffs): readonly (readonly Doomed[])[] {
  const now = dialect.encodeTime(cutoffs.now);
  const ended = dialect.encodeTime(cutoffs.endedSessionsBefore);
  const died = dialect.encodeTime(cutoffs.deadMailBefore);
  // By the time within the id: the log is too long for one more index on the time.
  const firstKeptEvent = firstIdAt(cutoffs.eventsBefore);
  return [
    [{ table: names.tokens, key: "hash", by: "expires_at", where: sql`expires_at <= ${now}` }],
    [{ table: names.proofs, key: "id", by: "expires_at", where: sql`expires_at <= ${now}` }],
    [{ table: names.outbox, key: "id", by: "dead_at", where: sql`dead_at < ${died}` }],
    [
      { table: names.sessions, key: "id", by: "expires_at", where: sql`expires_at < ${ended}` },
      { table: names.sessions, key: "id", by: "revoked_at", where: sql`revoked_at < ${ended}` },
    ],
    [{ table: names.events, key: "id", by: "id", where: sql`id < ${firstKeptEvent}` }],
  ];
}
