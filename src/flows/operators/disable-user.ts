import type { Context, OperatorRequest } from "../../context.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseOperator } from "../../kit/operator.ts";

/** Ends every session of a user and refuses each new login. Disabling a disabled user is a success. */
export async function disableUser(
  ctx: Context,
  { input: userId, client: operator }: OperatorRequest<string>,
): Promise<void> {
  await changeUser(ctx, userId, { type: "disable", status: "disabled", operator: parseOperator(operator) });
}
