import type { CurrentUser } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient } from "../../kit/input.ts";
import { toCurrentUser } from "../../kit/views.ts";

/** Returns the user and session of a token. */
export async function getUser(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<CurrentUser> {
  return toCurrentUser(await authenticate(ctx, request.token, parseClient(request.client)));
}
