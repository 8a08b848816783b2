import type { AuthStore, User, UserChange } from "sallyport";

interface SecurityChange extends Omit<UserChange, "at"> {
  /** A new password, as it is stored. */
  readonly passwordHash?: string;
}

/** What every change of password, status or email does first: the lock, then every session ends. */
export async function changeSecurity(
  store: AuthStore,
  user: User,
  change: SecurityChange = {},
): Promise<void> {
  const { passwordHash, ...next } = change;
  const at = new Date(user.createdAt.getTime() + 1000);
  await store.transaction(async (tx) => {
    const current = await tx.users.find(user.id);
    if (!current) throw new TypeError("The user is gone");
    const result = await tx.users.change(user.id, current.epoch, { ...next, at });
    if (result !== "changed") throw new TypeError(`The change ended as ${result}`);
    for (const { id, version } of passwordHash ? await tx.credentials.list(user.id, "password") : []) {
      const data = passwordHash as string;
      await tx.credentials.replace({ userId: user.id, id, expectedVersion: version, data, at });
    }
    await tx.sessions.revokeAll(null, { userId: user.id, reason: "security_change", at });
    await tx.tokens.revokeAll(user.id);
  });
}

export async function userOf(store: AuthStore, email: string): Promise<User> {
  const record = await store.users.findForLogin(email);
  if (!record) throw new TypeError("There is no such user");
  return record.user;
}
