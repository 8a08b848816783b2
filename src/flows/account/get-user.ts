import type { CurrentUser } from "../../api/auth.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { toPublicUser, toSessionInfo } from "../../kit/views.ts";

/** Returns the user and session of a token. */
export async function getUser(
  ctx: Context,
  { token }: Pick<SignedRequest<never>, "token">,
): Promise<CurrentUser> {
  const { user, session } = await authenticate(ctx, token);
  return { user: toPublicUser(user), session: toSessionInfo(session) };
}
