import * as z from "zod";
import type { ClientInfo, Reauthenticated, ReauthenticateInput } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import type { AuthEvent } from "../../domain/auth-event.ts";
import { AuthError } from "../../errors.ts";
import { authenticate, type SignedRequest } from "../../kit/authenticate.ts";
import { customClaims } from "../../kit/custom-claims.ts";
import { parseClient, parseInput, passwordField } from "../../kit/input.ts";
import { signAccessToken } from "../../kit/issue-tokens.ts";
import { provePassword, withPassword } from "../../kit/prove-password.ts";
import { announceEvent, newEvent } from "../../kit/record-event.ts";

const inputSchema = z.strictObject({ password: passwordField });
const TYPE = "reauthenticate";

/** Proves who is signed in by their password, and gives an access token that says so. */
export async function reauthenticate(
  ctx: Context,
  { token, input }: SignedRequest<ReauthenticateInput>,
  clientInfo: ClientInfo,
): Promise<Reauthenticated> {
  const { password } = parseInput(inputSchema, input);
  const client = parseClient(clientInfo);
  const { user, session } = await authenticate(ctx, token);
  const fail = await provePassword(ctx, { type: TYPE, user, session, password, client });

  const at = ctx.clock.now();
  const proven = { ...session, amr: withPassword(session.amr), authenticatedAt: at };
  const claims = await customClaims(ctx, user, proven).catch(fail);
  // Signed before it is stored: what fails then has done nothing. Until then nobody has the token.
  const signed = await signAccessToken(ctx, { user, session: proven, claims }).catch(fail);
  const record = async (): Promise<AuthEvent | null> =>
    ctx.store.transaction(async (tx) => {
      const proof = { userId: user.id, amr: proven.amr, at };
      // Only of a session that nobody ended meanwhile: what was proven before a security change lifts nothing.
      if (!(await tx.sessions.reauthenticate(session.id, proof))) return null;
      const named = { userId: user.id, sessionId: session.id };
      const event = newEvent(ctx, { type: TYPE, outcome: "success", ...named }, client);
      await tx.events.append([event]);
      return event;
    });
  const event = await record().catch(fail);
  if (!event) return fail(new AuthError("session_revoked"), "superseded");
  announceEvent(ctx, event);
  return signed;
}
