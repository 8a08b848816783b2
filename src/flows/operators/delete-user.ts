import type { Context, OperatorRequest } from "../../context.ts";
import type { User } from "../../domain/user.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseOperator } from "../../kit/operator.ts";
import { pseudonymOf } from "../../kit/record-event.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/** Deletes a user and all rows of the user. The events stay, with a pseudonym in place of the email. */
export async function deleteUser(
  ctx: Context,
  { input: userId, client: operator }: OperatorRequest<string>,
): Promise<void> {
  const finish = async (tx: AuthStore, user: User) => {
    const attemptedEmail = pseudonymOf(ctx, user.emailCanonical);
    if (!(await tx.users.remove(user.id, attemptedEmail))) {
      throw new TypeError("The store did not find a user whose row it had locked");
    }
    return { attemptedEmail };
  };
  await changeUser(ctx, userId, { type: "delete", finish, operator: parseOperator(operator) });
}
