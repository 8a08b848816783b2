import type { AuthStore, User } from "sallyport";

/** What a change of password does: the lock, the new password, then every session and token ends. */
export async function changePassword(store: AuthStore, user: User, data: string): Promise<void> {
  const at = new Date(user.createdAt.getTime() + 1000);
  await store.transaction(async (tx) => {
    const result = await tx.users.change(user.id, user.epoch, { at });
    if (result !== "changed") throw new TypeError(`The change ended as ${result}`);
    for (const { id, version } of await tx.credentials.list(user.id, "password")) {
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
