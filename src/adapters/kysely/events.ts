import type { AuthEvent } from "../../domain/auth-event.ts";
import type { EventQuery, EventStore } from "../../ports/auth-store.ts";
import type { Lane } from "./lane.ts";
import { prepare } from "./prepared.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import { readEventData } from "./stored-json.ts";
import type { EventRow } from "./tables.ts";

const COLUMNS = [
  "id",
  "type",
  "outcome",
  "reason",
  "user_id",
  "attempted_email",
  "session_id",
  "ip",
  "user_agent",
  "request_id",
  "data",
  "occurred_at",
] as const;

export function eventVerbs(schema: Schema): (lane: Lane) => EventStore {
  const { db, names } = schema;
  const appendOne = prepare(COLUMNS, (row: EventRow) => db.insertInto(names.events).values(row));
  return (lane) =>
    Object.freeze<EventStore>({
      append: async (events) => {
        const rows = events.map((event) => writeEvent(event, schema.dialect));
        const [first] = rows;
        if (!first) return;
        await lane.run(
          rows.length === 1 ? appendOne(first) : db.insertInto(names.events).values(rows).compile(),
        );
      },
      list: async (query) => {
        const { rows } = await lane.run(listQuery(schema, query).compile());
        return rows.map((row) => readEvent(row, schema.dialect));
      },
    });
}

function listQuery({ db, names }: Schema, { userId, before, limit }: EventQuery) {
  const newest = db
    .selectFrom(names.events)
    .select(COLUMNS)
    .where("user_id", "=", userId)
    .orderBy("id", "desc")
    .limit(limit);
  return before === undefined ? newest : newest.where("id", "<", before);
}

function writeEvent(event: AuthEvent, { encodeTime }: SqlDialect): EventRow {
  return {
    id: event.id,
    type: event.type,
    outcome: event.outcome,
    reason: event.reason,
    user_id: event.userId,
    attempted_email: event.attemptedEmail,
    session_id: event.sessionId,
    ip: event.ip,
    user_agent: event.userAgent,
    request_id: event.requestId,
    data: event.data && JSON.stringify(event.data),
    occurred_at: encodeTime(event.occurredAt),
  };
}

function readEvent(row: EventRow, { decodeTime }: SqlDialect): AuthEvent {
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
