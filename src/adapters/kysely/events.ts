import type { AuthEvent } from "../../domain/auth-event.ts";
import type { AuthError } from "../../errors.ts";
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
        const insert = (all: readonly EventRow[]) =>
          lane.run(
            all.length === 1 ? appendOne(all[0] ?? first) : db.insertInto(names.events).values(all).compile(),
          );
        await insert(rows).catch(async (error) => {
          if (!lacksUser(error)) throw error;
          await insert(await withoutGoneUsers(lane, schema, rows));
        });
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

const CONSTRAINT_FOREIGN_KEY = 787;

// A transaction in which this happened never commits, whatever is inserted after it.
function lacksUser(error: AuthError): boolean {
  return (error.cause as { errcode?: unknown } | undefined)?.errcode === CONSTRAINT_FOREIGN_KEY;
}

async function withoutGoneUsers(
  lane: Lane,
  { db, names }: Schema,
  rows: readonly EventRow[],
): Promise<readonly EventRow[]> {
  const wanted = rows.flatMap((row) => row.user_id ?? []);
  const found = await lane.run(db.selectFrom(names.users).select("id").where("id", "in", wanted).compile());
  const there = new Set(found.rows.map(({ id }) => id));
  return rows.map((row) =>
    row.user_id === null || there.has(row.user_id) ? row : { ...row, user_id: null, attempted_email: null },
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
