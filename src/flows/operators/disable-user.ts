import type { Context, OpenRequest } from "../../context.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseClient } from "../../kit/input.ts";

/** Ends every session of a user and refuses each new login. Disabling a disabled user is a success. */
export async function disableUser(
  ctx: Context,
  { input: userId, client }: OpenRequest<string>,
): Promise<void> {
  await changeUser(ctx, userId, { type: "disable", status: "disabled", client: parseClient(client) });
}
