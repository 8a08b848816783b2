import type { Context, OpenRequest } from "../../context.ts";
import { changeUser } from "../../kit/change-user.ts";
import { parseClient } from "../../kit/input.ts";

/** Lets a disabled user sign in again. Earlier sessions stay ended. Enabling an active user is a success. */
export async function enableUser(
  ctx: Context,
  { input: userId, client }: OpenRequest<string>,
): Promise<void> {
  await changeUser(ctx, userId, { type: "enable", status: "active", client: parseClient(client) });
}
