import type { Reauthenticated } from "../api/auth.ts";
import type { Context } from "../context.ts";
import type { Outcome } from "./attempt.ts";
import { customClaims } from "./custom-claims.ts";
import { signAccessToken } from "./issue-tokens.ts";
import { type Proving, prove, withMethods } from "./prove.ts";
import { takeSpends } from "./take-spends.ts";

const TYPE = "reauthenticate";

/** The end of every reauthentication. A right proof renews the session and gives an access token with the new time. */
export async function renewProof(ctx: Context, proving: Omit<Proving, "type">): Promise<Reauthenticated> {
  const { user, session } = proving;
  return prove(ctx, { ...proving, type: TYPE }, async (trying, proof) => {
    const at = ctx.clock.now();
    const proven = { ...session, amr: withMethods(session.amr, proof), authenticatedAt: at };
    const claims = await customClaims(ctx, user, proven);
    // The token is signed before the write, so that a failing signer changes nothing. No caller has the token yet.
    const signed = await signAccessToken(ctx, { user, session: proven, claims });
    const event = await trying.commit(async (tx): Promise<Outcome | null> => {
      const renewal = { userId: user.id, amr: proven.amr, at };
      // Only a live session is renewed: a proof from before a security change has no effect.
      if (!(await tx.sessions.reauthenticate(session.id, renewal))) return null;
      await takeSpends(tx, proof.spends, { trying, at });
      return { userId: user.id, sessionId: session.id };
    });
    if (!event) throw trying.refuse("session_revoked", "superseded");
    return signed;
  });
}
