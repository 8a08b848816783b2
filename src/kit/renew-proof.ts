import type { Reauthenticated } from "../api/auth.ts";
import type { Context } from "../context.ts";
import type { Outcome } from "./attempt.ts";
import { customClaims } from "./custom-claims.ts";
import { signAccessToken } from "./issue-tokens.ts";
import { type Proving, prove, withMethods } from "./prove.ts";

const TYPE = "reauthenticate";

/** The end of every reauthentication: a right proof renews the session's, and gives an access token that says so. */
export async function renewProof(ctx: Context, proving: Omit<Proving, "type">): Promise<Reauthenticated> {
  const { user, session } = proving;
  return prove(ctx, { ...proving, type: TYPE }, async (trying, proof) => {
    const at = ctx.clock.now();
    const proven = { ...session, amr: withMethods(session.amr, proof), authenticatedAt: at };
    const claims = await customClaims(ctx, user, proven);
    // Signed before it is stored: a signer that fails has done nothing. Until then no caller has the token.
    const signed = await signAccessToken(ctx, { user, session: proven, claims });
    const event = await trying.commit(async (tx): Promise<Outcome | null> => {
      const renewal = { userId: user.id, amr: proven.amr, at };
      // Only of a live session: a proof from before a security change lifts nothing.
      if (!(await tx.sessions.reauthenticate(session.id, renewal))) return null;
      return { userId: user.id, sessionId: session.id };
    });
    if (!event) throw trying.refuse("session_revoked", "superseded");
    return signed;
  });
}
