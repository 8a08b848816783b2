import { type CompiledQuery, sql } from "kysely";
import { type EventId, firstIdAhead, firstIdAt, MAX_AHEAD } from "../../domain/ids.ts";
import { type TimedBatches, timedBatches } from "../../lib/timed-batches.ts";
import type { AuthStore, PurgeCutoffs } from "../../ports/auth-store.ts";
import { affected, type Runner } from "./runner.ts";
import type { DoomedRows, Schema } from "./sql-dialect.ts";

type Doomed = Omit<DoomedRows, "limit">;

export function purgeVerb(schema: Schema): (runner: Runner) => AuthStore["purge"] {
  const batchesOf = batchesByIndex();
  return (runner) => async (cutoffs, limit) => {
    let deleted = 0;
    let more = false;
    for (const kind of doomedRows(schema, cutoffs)) {
      let count = 0;
      for (const doomed of kind) {
        const deleteSome = (batch: number) => deleteBatch(runner, schema, { ...doomed, limit: batch });
        count += await batchesOf(doomed)(limit - count, deleteSome);
      }
      deleted += count;
      more ||= count === limit;
    }
    const ahead = (await runner.run(eventsAhead(schema, cutoffs.now))).rows.length;
    return { deleted, more, ...(ahead > 0 && { ahead }) };
  };
}

/** Each statement is one batch, and holds its locks that long. What a row costs differs by table and index. */
function batchesByIndex(): (doomed: Doomed) => TimedBatches {
  const all = new Map<string, TimedBatches>();
  return ({ table, by }) => {
    const name = `${table} ${by}`;
    const known = all.get(name) ?? timedBatches(() => performance.now());
    all.set(name, known);
    return known;
  };
}

/** By the primary key: it reads no other events. */
function eventsAhead({ db, names }: Schema, now: Date): CompiledQuery<{ id: string }> {
  const ahead = db.selectFrom(names.events).select("id").where("id", ">=", firstIdAhead<EventId>(now));
  return ahead.limit(MAX_AHEAD).compile();
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
