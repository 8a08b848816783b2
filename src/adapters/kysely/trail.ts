import type { CompiledQuery, SelectQueryBuilder } from "kysely";
import { type EventId, firstIdAt } from "../../domain/ids.ts";
import type { EventQuery, Trail } from "../../ports/auth-store.ts";
import type { Schema } from "./sql-dialect.ts";
import type { EventRow, Tables } from "./tables.ts";

/** The columns of an event. The column `pseudonym` only finds it. */
export const EVENT_COLUMNS = [
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

export type ReadEventRow = Omit<EventRow, "pseudonym">;

type Selected<Row> = SelectQueryBuilder<Tables, "auth_events", Row>;

/** The events of a trail, newest first. */
export function trailQuery(schema: Schema, query: EventQuery): CompiledQuery<ReadEventRow> {
  const { types, outcomes, oldest, limit } = query;
  const parts = partsOf(schema, query).map((part) =>
    part
      .select(EVENT_COLUMNS)
      .$if(types !== undefined, (wanted) => wanted.where("type", "in", types ?? []))
      .$if(outcomes !== undefined, (wanted) => wanted.where("outcome", "in", outcomes ?? []))
      .$if(oldest !== undefined, (wanted) => wanted.where("id", ">=", oldest as NonNullable<typeof oldest>)),
  );
  return newestOf(schema, parts, limit).limit(limit).compile();
}

/** The id of one event of a trail. */
export function trailRow(schema: Schema, trail: Trail, count: number): CompiledQuery<Pick<EventRow, "id">> {
  const parts = partsOf(schema, trail).map((part) => part.select("id"));
  return newestOf(schema, parts, count)
    .limit(1)
    .offset(count - 1)
    .compile();
}

/** The parts of a trail. An index has the events of each part in the order of their ids. */
function partsOf({ db, names, dialect }: Schema, { userId, attempts, before }: Trail) {
  const own = db.selectFrom(names.events).where("user_id", "=", userId);
  const foreign = (attempts?.pseudonyms ?? []).map((pseudonym) => {
    const since = attempts?.since as Date;
    // By the id too: the index then ends the search.
    return db
      .selectFrom(names.events)
      .where("pseudonym", "=", pseudonym)
      .where("id", ">=", firstIdAt<EventId>(since))
      .where("occurred_at", ">=", dialect.encodeTime(since));
  });
  return [own, ...foreign].map((part) => (before === undefined ? part : part.where("id", "<", before)));
}

/** All parts as one, newest first. No part reads more than `most` events. */
function newestOf<Row extends Pick<EventRow, "id">>(
  { db }: Schema,
  parts: readonly Selected<Row>[],
  most: number,
) {
  // Each part is a table of its own: SQLite takes no ORDER BY and no LIMIT in a member of a UNION.
  const tables = parts.map((part) =>
    db.selectFrom(part.orderBy("id", "desc").limit(most).as("part")).selectAll(),
  );
  return tables.reduce((all, part) => all.unionAll(part)).orderBy("id", "desc");
}
