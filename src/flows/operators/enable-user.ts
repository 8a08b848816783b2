import type { Context, OperatorRequest } from "../../context.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseOperator } from "../../kit/operator.ts";

/** Lets a disabled user sign in again. Earlier sessions stay ended. Enabling an active user is a success. */
export async function enableUser(
  ctx: Context,
  { input: userId, client: operator }: OperatorRequest<string>,
): Promise<void> {
  await changeUser(ctx, userId, { type: "enable", status: "active", operator: parseOperator(operator) });
}
