import type { ClientInfo } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseClient } from "../../kit/input.ts";

/** Ends every session of a user and keeps them from opening another. A disabled user stays so: success. */
export async function disableUser(
  ctx: Context,
  userId: string,
  clientInfo: ClientInfo = { ip: null },
): Promise<void> {
  await changeUser(ctx, userId, { type: "disable", status: "disabled", client: parseClient(clientInfo) });
}
