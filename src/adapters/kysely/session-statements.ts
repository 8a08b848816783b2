import {
  type CompiledQuery,
  type RawBuilder,
  type SqlBool,
  sql,
  type UpdateQueryBuilder,
  type UpdateResult,
} from "kysely";
import type { SessionId, UserId } from "../../domain/ids.ts";
import { type Prepared, perApplication, prepare } from "./prepare.ts";
import { SESSION_COLUMNS } from "./session-row.ts";
import type { Schema } from "./sql-dialect.ts";
import type { SessionRow, StoredTime, Tables } from "./tables.ts";
import { USER_SELECTION, type UserSelection } from "./user-row.ts";

interface Rotation {
  readonly id: SessionId;
  readonly expectedCounter: number;
  readonly refreshedAt: StoredTime;
  readonly idleExpiresAt: StoredTime;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

interface Proof {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly expectedCounter: number;
  readonly amr: string;
  readonly at: StoredTime;
}

interface Ending {
  readonly reason: string;
  readonly at: StoredTime;
}

interface Owner {
  readonly userId: UserId;
  /** Only sessions with this audience or without one. */
  readonly audience?: string | undefined;
}

interface Live extends Owner {
  readonly now: StoredTime;
  readonly limit: number;
}

interface Beyond {
  readonly userId: UserId;
  readonly now: StoredTime;
  readonly keep: number;
}

type Owned = Ending & Owner;

export interface SessionStatements {
  readonly lockUser: Prepared<{ readonly userId: UserId }, { id: string }>;
  readonly create: Prepared<SessionRow, unknown>;
  readonly find: Prepared<{ readonly id: SessionId }, SessionRow & UserSelection>;
  readonly listLive: Prepared<Live, SessionRow>;
  readonly listAll: Prepared<Pick<Live, "userId" | "limit">, SessionRow>;
  readonly beyond: Prepared<Beyond, Pick<SessionRow, "id">>;
  readonly surplus: Prepared<Live & { readonly keep: number }, Pick<SessionRow, "id">>;
  readonly rotate: Prepared<Rotation, unknown>;
  readonly reauthenticate: Prepared<Proof, unknown>;
  readonly revoke: Prepared<Owned & { readonly id: SessionId }, unknown>;
  readonly revokeAll: Prepared<Owned, unknown>;
  readonly revokeOthers: Prepared<Owned & { readonly except: SessionId }, unknown>;
  readonly revokeEach: (ending: Ending & { readonly ids: readonly SessionId[] }) => CompiledQuery<unknown>;
}

export function sessionStatements(schema: Schema): SessionStatements {
  return { ...reads(schema), ...looks(schema), ...writes(schema), ...revocations(schema) };
}

function reads({
  db,
  names,
  dialect,
}: Schema): Pick<SessionStatements, "lockUser" | "find" | "listLive" | "listAll" | "surplus"> {
  const sessions = db.selectFrom(names.sessions);
  const newestOf = (userId: UserId) =>
    sessions.where("user_id", "=", userId).orderBy("created_at", "desc").orderBy("id", "desc");
  const live = ({ now, ...owner }: Live) =>
    newestOf(owner.userId)
      .$if(owner.audience !== undefined, (query) => query.where(isOf(owner)))
      .where("revoked_at", "is", null)
      .where("idle_expires_at", ">", now)
      .where("expires_at", ">", now);
  return {
    lockUser: prepare(["userId"], ({ userId }: { userId: UserId }) =>
      db.selectFrom(names.users).select("id").where("id", "=", userId).modifyEnd(dialect.forUpdate),
    ),
    find: prepare(["id"], ({ id }: { id: SessionId }) =>
      db
        .selectFrom(`${names.sessions} as s`)
        .innerJoin(`${names.users} as u`, "u.id", "s.user_id")
        .select(SESSION_COLUMNS.map((column) => `s.${column}` as const))
        .select(USER_SELECTION)
        .where("s.id", "=", id),
    ),
    listLive: prepare(["userId", "now", "limit"], (wanted: Live) =>
      live(wanted).select(SESSION_COLUMNS).limit(sql<number>`${wanted.limit}`),
    ),
    listAll: prepare(["userId", "limit"], ({ userId, limit }: Pick<Live, "userId" | "limit">) =>
      newestOf(userId).select(SESSION_COLUMNS).limit(sql<number>`${limit}`),
    ),
    surplus: perApplication(["userId", "now", "limit", "keep"], (wanted: Live & { keep: number }) =>
      live(wanted).select("id").limit(sql<number>`${wanted.limit}`).offset(sql<number>`${wanted.keep}`),
    ),
  };
}

function looks({ db, names }: Schema): Pick<SessionStatements, "beyond"> {
  return {
    // By the index alone, which is in this order. By `expires_at` alone, PostgreSQL would read the index of that column,
    // with the sessions of all users.
    beyond: prepare(["userId", "now", "keep"], ({ userId, now, keep }: Beyond) =>
      db
        .selectFrom(names.sessions)
        .select("id")
        .where("user_id", "=", userId)
        .where("revoked_at", "is", null)
        .where("expires_at", ">", now)
        .orderBy("revoked_at")
        .orderBy("expires_at")
        .limit(1)
        .offset(sql<number>`${keep}`),
    ),
  };
}

function writes({ db, names }: Schema): Pick<SessionStatements, "create" | "rotate" | "reauthenticate"> {
  const update = db
    .updateTable(names.sessions)
    .set({ refresh_counter: sql<number>`refresh_counter + 1` })
    .where("revoked_at", "is", null);
  return {
    create: prepare(SESSION_COLUMNS, (row: SessionRow) => db.insertInto(names.sessions).values(row)),
    rotate: prepare(
      ["id", "expectedCounter", "refreshedAt", "idleExpiresAt", "ip", "userAgent"],
      ({ id, expectedCounter, refreshedAt, idleExpiresAt, ip, userAgent }: Rotation) =>
        update
          .set({ refreshed_at: refreshedAt, idle_expires_at: idleExpiresAt, ip, user_agent: userAgent })
          .where("id", "=", id)
          .where("refresh_counter", "=", expectedCounter)
          .where("idle_expires_at", ">", refreshedAt)
          .where("expires_at", ">", refreshedAt),
    ),
    reauthenticate: prepare(
      ["id", "userId", "expectedCounter", "amr", "at"],
      ({ id, userId, expectedCounter, amr, at }: Proof) =>
        update
          .set({ amr, authenticated_at: at, refreshed_at: at })
          .where("id", "=", id)
          .where("user_id", "=", userId)
          .where("refresh_counter", "=", expectedCounter),
    ),
  };
}

function revocations({
  db,
  names,
}: Schema): Pick<SessionStatements, "revoke" | "revokeAll" | "revokeOthers" | "revokeEach"> {
  const end = ({
    reason,
    at,
  }: Ending): UpdateQueryBuilder<Tables, "auth_sessions", "auth_sessions", UpdateResult> =>
    db
      .updateTable(names.sessions)
      .set({ revoked_at: at, revoke_reason: reason })
      .where("revoked_at", "is", null);
  const endOwned = (wanted: Owned): ReturnType<typeof end> =>
    end(wanted)
      .where("user_id", "=", wanted.userId)
      .$if(wanted.audience !== undefined, (query) => query.where(isOf(wanted)));
  return {
    revoke: perApplication(["reason", "at", "userId", "id"], (wanted: Owned & { id: SessionId }) =>
      endOwned(wanted).where("id", "=", wanted.id),
    ),
    revokeAll: perApplication(["reason", "at", "userId"], endOwned),
    revokeOthers: perApplication(
      ["reason", "at", "userId", "except"],
      (wanted: Owned & { except: SessionId }) => endOwned(wanted).where("id", "<>", wanted.except),
    ),
    revokeEach: ({ ids, ...ending }) => end(ending).where("id", "in", ids).compile(),
  };
}

// A release before version 4 opened the sessions without an audience.
function isOf({ audience }: Owner): RawBuilder<SqlBool> {
  return sql<SqlBool>`(audience is null or audience = ${audience})`;
}
