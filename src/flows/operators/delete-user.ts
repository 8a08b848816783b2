import type { ClientInfo } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import type { User } from "../../domain/user.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseClient } from "../../kit/input.ts";
import { pseudonym } from "../../lib/secrets.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/** Deletes a user with all that is theirs. Their events stay, under a pseudonym for the email. */
export async function deleteUser(
  ctx: Context,
  userId: string,
  clientInfo: ClientInfo = { ip: null },
): Promise<void> {
  const finish = async (tx: AuthStore, user: User) => {
    const attemptedEmail = pseudonym(ctx.pseudonymKey, user.emailCanonical);
    if (!(await tx.users.remove(user.id, attemptedEmail))) {
      throw new TypeError("The store lost a user whose lock it gave");
    }
    return { attemptedEmail };
  };
  await changeUser(ctx, userId, { type: "delete", finish, client: parseClient(clientInfo) });
}
