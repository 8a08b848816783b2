import { type CompiledQuery, sql } from "kysely";
import type { LeaseId, MailId } from "../../domain/ids.ts";
import type { DeadMailQuery } from "../../ports/auth-store.ts";
import { MAIL_COLUMNS } from "./mail-row.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { Schema } from "./sql-dialect.ts";
import type { MailRow, StoredTime } from "./tables.ts";

interface Now {
  readonly now: StoredTime;
}

interface Due extends Now {
  readonly audience: string;
  readonly limit: number;
}

interface Claim {
  readonly id: MailId;
  /** As they were read. */
  readonly attempts: number;
  readonly dueAt: StoredTime;
  readonly until: StoredTime;
  readonly lease: LeaseId;
}

interface Claimed {
  readonly id: MailId;
  readonly lease: LeaseId;
}

type ClaimedAt = Claimed & { readonly at: StoredTime };

export interface MailStatements {
  readonly put: (rows: readonly MailRow[]) => CompiledQuery<unknown>;
  readonly due: Prepared<Due, MailRow>;
  readonly claim: Prepared<Claim, unknown>;
  readonly settle: Prepared<Claimed, unknown>;
  readonly postpone: Prepared<ClaimedAt, unknown>;
  readonly bury: Prepared<ClaimedAt, unknown>;
  readonly oldest: Prepared<Now, Pick<MailRow, "due_at">>;
  readonly listDead: (query: DeadMailQuery) => CompiledQuery<MailRow>;
  readonly revive: Prepared<Now & { readonly id: MailId }, unknown>;
}

export function mailStatements(schema: Schema): MailStatements {
  return { ...additions(schema), ...reads(schema), ...claims(schema) };
}

function additions({ db, names }: Schema): Pick<MailStatements, "put"> {
  const putOne = prepare(MAIL_COLUMNS, (row: MailRow) => db.insertInto(names.outbox).values(row));
  return {
    put: (rows) => {
      const [first] = rows;
      return first && rows.length === 1 ? putOne(first) : db.insertInto(names.outbox).values(rows).compile();
    },
  };
}

function reads({ db, names }: Schema): Pick<MailStatements, "due" | "oldest" | "listDead"> {
  const outbox = db.selectFrom(names.outbox);
  // In the order of the index, its first column included: PostgreSQL would sort all that is due.
  const due = ({ now }: Now) =>
    outbox
      .where("dead_at", "is", null)
      .where("due_at", "<=", now)
      .orderBy("dead_at")
      .orderBy("due_at")
      .orderBy("id");
  return {
    due: prepare(["audience", "now", "limit"], (wanted: Due) =>
      due(wanted)
        .where("audience", "=", wanted.audience)
        .select(MAIL_COLUMNS)
        .limit(sql<number>`${wanted.limit}`),
    ),
    oldest: prepare(["now"], (wanted: Now) => due(wanted).select("due_at").limit(1)),
    listDead: ({ before, limit }) =>
      outbox
        .select(MAIL_COLUMNS)
        .where("dead_at", "is not", null)
        .$if(before !== undefined, (query) => query.where("id", "<", before as MailId))
        .orderBy("id", "desc")
        .limit(limit)
        .compile(),
  };
}

function claims({
  db,
  names,
}: Schema): Pick<MailStatements, "claim" | "settle" | "postpone" | "bury" | "revive"> {
  const update = db.updateTable(names.outbox);
  const ofLease = ({ id, lease }: Claimed) =>
    update.set({ lease: null }).where("id", "=", id).where("lease", "=", lease);
  return {
    // `dead_at`: another worker may have given it up since it was read.
    claim: prepare(
      ["id", "attempts", "dueAt", "until", "lease"],
      ({ id, attempts, dueAt, until, lease }: Claim) =>
        update
          .set({ due_at: until, attempts: sql<number>`attempts + 1`, lease })
          .where("id", "=", id)
          .where("attempts", "=", attempts)
          .where("due_at", "=", dueAt)
          .where("dead_at", "is", null),
    ),
    settle: prepare(["id", "lease"], ({ id, lease }: Claimed) =>
      db.deleteFrom(names.outbox).where("id", "=", id).where("lease", "=", lease),
    ),
    postpone: prepare(["id", "lease", "at"], (wanted: ClaimedAt) =>
      ofLease(wanted).set({ due_at: wanted.at }),
    ),
    bury: prepare(["id", "lease", "at"], (wanted: ClaimedAt) => ofLease(wanted).set({ dead_at: wanted.at })),
    revive: prepare(["id", "now"], ({ id, now }: Now & { readonly id: MailId }) =>
      update
        .set({ dead_at: null, due_at: now, attempts: 0 })
        .where("id", "=", id)
        .where("dead_at", "is not", null),
    ),
  };
}
