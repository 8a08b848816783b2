import { type RawBuilder, sql } from "kysely";
import { firstIdAt } from "../../domain/ids.ts";
import type { PurgeCutoffs, PurgeResult } from "../../ports/auth-store.ts";
import { affected, type Lane } from "./lane.ts";
import type { DoomedRows, Schema } from "./sql-dialect.ts";

/** Rows a statement deletes at most: logins wait behind a long one. */
const BATCH = 500;

type Doomed = Omit<DoomedRows, "limit">;

export interface Purge {
  readonly cutoffs: PurgeCutoffs;
  readonly limit: number;
}

export async function purge(lane: Lane, schema: Schema, { cutoffs, limit }: Purge): Promise<PurgeResult> {
  let deleted = 0;
  let more = false;
  for (const doomed of doomedRows(schema, cutoffs)) {
    const count = await deleteUpTo(limit, (batch) => deleteBatch(lane, schema, { ...doomed, limit: batch }));
    deleted += count;
    more ||= count === limit;
  }
  return { deleted, more };
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

async function deleteBatch(lane: Lane, { db, dialect }: Schema, doomed: DoomedRows): Promise<number> {
  return affected(await lane.run(dialect.deleteSome(doomed).compile(db)));
}

function doomedRows({ names, dialect }: Schema, cutoffs: PurgeCutoffs): readonly Doomed[] {
  const now = dialect.encodeTime(cutoffs.now);
  const ended = dialect.encodeTime(cutoffs.endedSessionsBefore);
  // By the time within the id: the log is too long for an index of its own on the time.
  const firstKeptEvent = firstIdAt(cutoffs.eventsBefore);
  const where = {
    tokens: sql`expires_at <= ${now}`,
    sessions: sql`expires_at < ${ended} or revoked_at < ${ended}`,
    events: sql`id < ${firstKeptEvent}`,
  } satisfies Record<string, RawBuilder<unknown>>;
  return [
    { table: names.tokens, key: "hash", where: where.tokens },
    { table: names.sessions, key: "id", where: where.sessions },
    { table: names.events, key: "id", where: where.events },
  ];
}
