import type { CompiledQuery } from "kysely";
import { type AuthEvent, targetOf } from "../../domain/auth-event.ts";
import type { EventStore } from "../../ports/auth-store.ts";
import { prepare } from "./prepare.ts";
import type { Runner } from "./runner.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import { readEventData } from "./stored-json.ts";
import type { EventRow } from "./tables.ts";
import { EVENT_COLUMNS, type ReadEventRow, trailQuery, trailRow } from "./trail.ts";

export function eventVerbs(schema: Schema): (runner: Runner) => EventStore {
  const { db, names, dialect } = schema;
  const insertOne = prepare([...EVENT_COLUMNS, "pseudonym"], (row: EventRow) =>
    db.insertInto(names.events).values(row),
  );
  const insert = (rows: readonly EventRow[]): CompiledQuery<unknown> => {
    const [first] = rows;
    return first && rows.length === 1 ? insertOne(first) : db.insertInto(names.events).values(rows).compile();
  };
  return (runner) =>
    Object.freeze<EventStore>({
      append: async (events) => {
        const rows = events.map((event) => writeEvent(event, dialect));
        if (rows.length === 0 || (await runner.runUnlessOrphaned(insert(rows)))) return;
        await runner.run(insert(await withoutGoneUsers(runner, schema, rows)));
      },
      list: async (query) => {
        const { rows } = await runner.run(trailQuery(schema, query));
        return rows.map((row) => readEvent(row, dialect));
      },
      nth: async (trail, count) => (await runner.run(trailRow(schema, trail, count))).rows[0]?.id ?? null,
    });
}

/** For users who were deleted meanwhile: their events stay, without the user. */
async function withoutGoneUsers(
  runner: Runner,
  { db, names }: Schema,
  rows: readonly EventRow[],
): Promise<readonly EventRow[]> {
  const ids = rows.flatMap(({ user_id }) => user_id ?? []);
  const found = await runner.run(db.selectFrom(names.users).select("id").where("id", "in", ids).compile());
  const living = new Set(found.rows.map(({ id }) => id));
  return rows.map((row) =>
    row.user_id === null || living.has(row.user_id) ? row : { ...row, user_id: null, attempted_email: null },
  );
}

function writeEvent(event: AuthEvent, { encodeTime }: SqlDialect): EventRow {
  return {
    id: event.id,
    type: event.type,
    outcome: event.outcome,
    reason: event.reason,
    user_id: event.userId,
    attempted_email: event.attemptedEmail,
    pseudonym: targetOf(event),
    session_id: event.sessionId,
    ip: event.ip,
    user_agent: event.userAgent,
    request_id: event.requestId,
    data: event.data && JSON.stringify(event.data),
    occurred_at: encodeTime(event.occurredAt),
  };
}

function readEvent(row: ReadEventRow, { decodeTime }: SqlDialect): AuthEvent {
  return {
    id: row.id,
    type: row.type,
    outcome: row.outcome,
    reason: row.reason,
    userId: row.user_id,
    attemptedEmail: row.attempted_email,
    sessionId: row.session_id,
    ip: row.ip,
    userAgent: row.user_agent,
    requestId: row.request_id,
    data: row.data === null ? null : readEventData(row.data),
    occurredAt: decodeTime(row.occurred_at),
  };
}
