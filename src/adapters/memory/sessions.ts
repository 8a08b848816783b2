import type { SessionId } from "../../domain/ids.ts";
import { isSessionOf, type Session, sessionState } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";
import type { Revocation, SessionRecord, SessionStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertInsertable, assertUserExists, newestFirst, type Run, type Tables } from "./tables.ts";

export function memorySessions(tables: Tables, run: Run): SessionStore {
  const { sessions } = tables;
  return Object.freeze<SessionStore>({
    create: (session) =>
      run(() => {
        assertInsertable(sessions, session.id);
        assertUserExists(tables, session.userId);
        sessions.put(session);
      }),
    find: (id) => run(() => sessionRecord(tables, id)),
    listLive: (userId, now, limit) => run(() => live(tables, { userId }, now).slice(0, limit).map(copyRow)),
    listAll: (userId, limit) =>
      run(() => newestFirst(owned(tables, { userId })).slice(0, limit).map(copyRow)),
    rotate: (id, expectedCounter, next) =>
      run(() => {
        const session = sessions.get(id);
        if (session?.refreshCounter !== expectedCounter) return false;
        if (sessionState(session, next.refreshedAt) !== "live") return false;
        const { refreshedAt, idleExpiresAt, ip, userAgent } = next;
        const refreshCounter = expectedCounter + 1;
        sessions.put({ ...session, refreshCounter, refreshedAt, idleExpiresAt, ip, userAgent });
        return true;
      }),
    reauthenticate: (id, { userId, expectedCounter, amr, at }) =>
      run(() => {
        const session = unrevoked(tables, { userId }).find((candidate) => candidate.id === id);
        if (session?.refreshCounter !== expectedCounter) return false;
        const refreshCounter = expectedCounter + 1;
        sessions.put({ ...session, amr, authenticatedAt: at, refreshCounter, refreshedAt: at });
        return true;
      }),
    ...revocations(tables, run),
  });
}

function revocations(tables: Tables, run: Run): Pick<SessionStore, "revoke" | "revokeAll" | "revokeOldest"> {
  return {
    revoke: (id, revocation) =>
      run(() => {
        const own = unrevoked(tables, revocation).filter((session) => session.id === id);
        return revokeEach(tables, own, revocation) === 1;
      }),
    revokeAll: (except, revocation) =>
      run(() => {
        const others = unrevoked(tables, revocation).filter((session) => session.id !== except);
        return revokeEach(tables, others, revocation);
      }),
    revokeOldest: (keep, revocation) =>
      run(() => {
        const surplus = live(tables, revocation, revocation.at).slice(keep);
        return revokeEach(tables, surplus, revocation);
      }),
  };
}

function sessionRecord(tables: Tables, id: SessionId): SessionRecord | null {
  const session = tables.sessions.get(id);
  if (!session) return null;
  return { session: copyRow(session), user: copyRow(tables.users.get(session.userId) as User) };
}

type Owner = Pick<Revocation, "userId" | "audience">;

function unrevoked(tables: Tables, owner: Owner): Session[] {
  return owned(tables, owner).filter((session) => session.revokedAt === null);
}

function live(tables: Tables, owner: Owner, now: Date): Session[] {
  return newestFirst(owned(tables, owner).filter((session) => sessionState(session, now) === "live"));
}

function owned(tables: Tables, { userId, audience }: Owner): Session[] {
  const sessions = tables.sessions.ownedBy(userId);
  return audience === undefined ? sessions : sessions.filter((session) => isSessionOf(audience, session));
}

function revokeEach(tables: Tables, sessions: readonly Session[], { reason, at }: Revocation): number {
  for (const session of sessions) tables.sessions.put({ ...session, revokedAt: at, revokeReason: reason });
  return sessions.length;
}
