import type { Reauthenticated, ReauthenticateInput } from "../../api/auth.ts";
import { reauthenticateInput } from "../../api/input-schemas.ts";
import type { Context, SignedRequest } from "../../context.ts";
import { authenticate } from "../../kit/authenticate.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { byPassword } from "../../kit/prove.ts";
import { renewProof } from "../../kit/renew-proof.ts";

/** Checks a new proof of the signed-in user, and returns an access token with the time of this proof. */
export async function reauthenticate(
  ctx: Context,
  request: SignedRequest<ReauthenticateInput>,
): Promise<Reauthenticated> {
  const { password } = parseInput(reauthenticateInput, request.input);
  const client = parseClient(request.client);
  const { user, session } = await authenticate(ctx, request.token, client);
  return renewProof(ctx, { user, session, client, judge: byPassword(ctx, user, password) });
}
