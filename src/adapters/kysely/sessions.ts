import type { UserId } from "../../domain/ids.ts";
import type { Session } from "../../domain/session.ts";
import type { Revocation, SessionStore } from "../../ports/auth-store.ts";
import { affected, type Runner } from "./runner.ts";
import { readSession, writeSession } from "./session-row.ts";
import { type SessionStatements, sessionStatements } from "./session-statements.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import type { SessionRow } from "./tables.ts";
import { readUser } from "./user-row.ts";

/** The most sessions that one statement ends. */
const BATCH = 200;

export function sessionVerbs(schema: Schema): (runner: Runner) => SessionStore {
  const statements = sessionStatements(schema);
  return (runner) =>
    Object.freeze<SessionStore>({
      ...lookups(runner, schema.dialect, statements),
      ...changes(runner, schema.dialect, statements),
      ...revocations(runner, schema.dialect, statements),
    });
}

function lookups(
  runner: Runner,
  dialect: SqlDialect,
  statements: SessionStatements,
): Pick<SessionStore, "find" | "listLive" | "listAll"> {
  const readAll = (rows: readonly SessionRow[]): Session[] => rows.map((row) => readSession(row, dialect));
  return {
    find: async (id) => {
      const row = (await runner.run(statements.find({ id }))).rows[0];
      return row ? { session: readSession(row, dialect), user: readUser(row, dialect) } : null;
    },
    listLive: async (userId, now, limit) => {
      const wanted = { userId, now: dialect.encodeTime(now), limit };
      return readAll((await runner.run(statements.listLive(wanted))).rows);
    },
    listAll: async (userId, limit) => readAll((await runner.run(statements.listAll({ userId, limit }))).rows),
  };
}

function changes(
  runner: Runner,
  dialect: SqlDialect,
  statements: SessionStatements,
): Pick<SessionStore, "create" | "rotate" | "reauthenticate"> {
  const { encodeTime } = dialect;
  const lockUser = userLock(runner, dialect, statements);
  return {
    create: async (session) => {
      await runner.run(statements.create(writeSession(session, dialect)));
    },
    rotate: async (id, expectedCounter, { refreshedAt, idleExpiresAt, ip, userAgent }) => {
      const times = { refreshedAt: encodeTime(refreshedAt), idleExpiresAt: encodeTime(idleExpiresAt) };
      const result = await runner.run(statements.rotate({ id, expectedCounter, ...times, ip, userAgent }));
      return affected(result) === 1;
    },
    reauthenticate: async (id, { userId, expectedCounter, amr, at }) => {
      await lockUser(userId);
      const proof = { id, userId, expectedCounter, amr: JSON.stringify(amr), at: encodeTime(at) };
      return affected(await runner.run(statements.reauthenticate(proof))) === 1;
    },
  };
}

function revocations(
  runner: Runner,
  dialect: SqlDialect,
  statements: SessionStatements,
): Pick<SessionStore, "revoke" | "revokeAll" | "revokeOldest"> {
  const { encodeTime } = dialect;
  const lockUser = userLock(runner, dialect, statements);
  return {
    revoke: async (id, revocation) => {
      await lockUser(revocation.userId);
      const wanted = { ...revocation, id, at: encodeTime(revocation.at) };
      return affected(await runner.run(statements.revoke(wanted))) === 1;
    },
    revokeAll: async (except, revocation) => {
      await lockUser(revocation.userId);
      const wanted = { ...revocation, at: encodeTime(revocation.at) };
      const query =
        except === null ? statements.revokeAll(wanted) : statements.revokeOthers({ ...wanted, except });
      return affected(await runner.run(query));
    },
    revokeOldest: async (keep, revocation) => {
      const { userId, at } = revocation;
      // Sessions of every application count here, and idle ones. Few users have so many, and for the others this is all.
      const beyond = await runner.run(statements.beyond({ userId, now: encodeTime(at), keep }));
      return beyond.rows.length === 0 ? 0 : endSurplus({ runner, encodeTime, statements }, keep, revocation);
    },
  };
}

interface Ending extends Pick<SqlDialect, "encodeTime"> {
  readonly runner: Runner;
  readonly statements: SessionStatements;
}

async function endSurplus(
  { runner, encodeTime, statements }: Ending,
  keep: number,
  { userId, audience, reason, at }: Revocation,
): Promise<number> {
  const now = encodeTime(at);
  let revoked = 0;
  for (;;) {
    const surplus = (await runner.run(statements.surplus({ userId, audience, now, keep, limit: BATCH })))
      .rows;
    const ids = surplus.map(({ id }) => id);
    if (ids.length > 0)
      revoked += affected(await runner.run(statements.revokeEach({ ids, reason, at: now })));
    if (ids.length < BATCH) return revoked;
  }
}

/**
 * Locks the user's row before the sessions, as every security change does. Without it the event that follows
 * would lock the user's row last, and a parallel change in the other order would end in a deadlock.
 */
function userLock(runner: Runner, dialect: SqlDialect, statements: SessionStatements) {
  return async (userId: UserId): Promise<void> => {
    if (dialect.referringLocks) await runner.run(statements.lockUser({ userId }));
  };
}
