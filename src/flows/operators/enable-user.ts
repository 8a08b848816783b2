import type { ClientInfo } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseClient } from "../../kit/input.ts";

/** Lets a disabled user sign in again. What was open before stays ended. An active user: success. */
export async function enableUser(
  ctx: Context,
  userId: string,
  clientInfo: ClientInfo = { ip: null },
): Promise<void> {
  await changeUser(ctx, userId, { type: "enable", status: "active", client: parseClient(clientInfo) });
}
