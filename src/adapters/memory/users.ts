import type { UserId } from "../../domain/ids.ts";
import type { User } from "../../domain/user.ts";
import type { LoginRecord, UserChange, UserChangeResult, UserStore } from "../../ports/auth-store.ts";
import { withoutAddress } from "./proofs.ts";
import { copyRow } from "./table.ts";
import { compareText, type Run, type Tables } from "./tables.ts";

export function memoryUsers(tables: Tables, run: Run): UserStore {
  const { users } = tables;
  return Object.freeze<UserStore>({
    create: (user) =>
      run(() => {
        if (users.byUnique(user.emailCanonical) || users.get(user.id)) return false;
        users.put(user);
        return true;
      }),
    find: (id) =>
      run(() => {
        const user = users.get(id);
        return user ? copyRow(user) : null;
      }),
    findForLogin: (emailCanonical) => run(() => loginRecord(tables, emailCanonical)),
    admit: (id, expectedEpoch, at) =>
      run(() => {
        const user = users.get(id);
        if (user?.epoch !== expectedEpoch || user.status !== "active") return false;
        users.put({ ...user, lastLoginAt: at });
        return true;
      }),
    change: (id, expectedEpoch, next) =>
      run(() => {
        const user = users.get(id);
        if (user?.epoch !== expectedEpoch) return "stale";
        return changeUser(tables, user, next);
      }),
    verify: (id, expectedEpoch, at) =>
      run(() => {
        const user = users.get(id);
        if (user?.epoch !== expectedEpoch || user.status !== "active" || user.emailVerifiedAt) return false;
        users.put({ ...user, emailVerifiedAt: at });
        return true;
      }),
    listDoomed: (now, limit) => run(() => doomed(tables, now).slice(0, limit).map(copyRow)),
    remove: (id, pseudonym) => run(() => removeUser(tables, id, pseudonym)),
  });
}

function loginRecord(tables: Tables, emailCanonical: string): LoginRecord | null {
  const user = tables.users.byUnique(emailCanonical);
  if (!user) return null;
  const password = tables.credentials.ownedBy(user.id).find((credential) => credential.kind === "password");
  return { user: copyRow(user), password: password ? copyRow(password) : null };
}

function changeUser(tables: Tables, user: User, next: UserChange): UserChangeResult {
  const emailCanonical = next.emailCanonical ?? user.emailCanonical;
  const holder = tables.users.byUnique(emailCanonical);
  if (holder && holder.id !== user.id) return "conflict";
  tables.users.put({
    ...user,
    status: next.status ?? user.status,
    email: next.email ?? user.email,
    emailCanonical,
    emailVerifiedAt: next.emailVerifiedAt === undefined ? user.emailVerifiedAt : next.emailVerifiedAt,
    deleteAfter: next.deleteAfter === undefined ? user.deleteAfter : next.deleteAfter,
    epoch: user.epoch + 1,
    updatedAt: next.at,
  });
  return "changed";
}

function doomed({ users }: Tables, now: Date): User[] {
  const dueAt = ({ status, deleteAfter }: User): number =>
    status === "deleting" && deleteAfter ? deleteAfter.getTime() : Number.POSITIVE_INFINITY;
  return [...users.all()]
    .filter((user) => dueAt(user) <= now.getTime())
    .sort((a, b) => dueAt(a) - dueAt(b) || compareText(a.id, b.id));
}

function removeUser(tables: Tables, id: UserId, pseudonym: string): boolean {
  if (!tables.users.get(id)) return false;
  for (const credential of tables.credentials.ownedBy(id)) tables.credentials.drop(credential.id);
  for (const session of tables.sessions.ownedBy(id)) tables.sessions.drop(session.id);
  for (const token of tables.tokens.ownedBy(id)) tables.tokens.drop(token.hash);
  for (const proof of tables.proofs.ownedBy(id))
    tables.proofs.put({ ...withoutAddress(proof), userId: null });
  for (const event of tables.events.ownedBy(id)) {
    tables.events.put({ ...event, userId: null, attemptedEmail: pseudonym });
  }
  tables.users.drop(id);
  return true;
}
