import type { Reauthenticated } from "../api/auth.ts";
import type { Context } from "../context.ts";
import { type Session, sessionState } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import type { Attempt, Outcome } from "./attempt.ts";
import { customClaims } from "./custom-claims.ts";
import { issuePair } from "./issue-tokens.ts";
import { type Proof, type Proving, prove, withMethods } from "./prove.ts";
import { takeSpends } from "./take-spends.ts";

const TYPE = "reauthenticate";
const MAX_ATTEMPTS = 3;

/**
 * The end of every reauthentication. A right proof renews and rotates the session, and gives a pair of tokens with the
 * new time (ASVS 5.0, 7.2.4). The refresh token from before is used up: its thief gets no fresh access token.
 */
export async function renewProof(ctx: Context, proving: Omit<Proving, "type">): Promise<Reauthenticated> {
  const { user } = proving;
  return prove(ctx, { ...proving, type: TYPE }, async (trying, proof) => {
    let session: Session | null = proving.session;
    for (let count = 1; session && count <= MAX_ATTEMPTS; count++) {
      const renewed = await renew(ctx, trying, { user, session, proof });
      if (renewed) return renewed;
      session = await readAgain(ctx, session);
    }
    // Only a live session is renewed: a proof from before a security change has no effect.
    if (!session) throw trying.refuse("session_revoked", "superseded");
    throw new AuthError("unavailable", { cause: "Each time, a refresh of the session came first." });
  });
}

interface Renewing {
  readonly user: User;
  readonly session: Session;
  readonly proof: Proof;
}

/** Null: a refresh or a security change came first. */
async function renew(
  ctx: Context,
  trying: Attempt,
  { user, session, proof }: Renewing,
): Promise<Reauthenticated | null> {
  const at = ctx.clock.now();
  const { id, refreshCounter: expectedCounter } = session;
  const amr = withMethods(session.amr, proof);
  const counter = { refreshCounter: expectedCounter + 1, refreshedAt: at };
  const proven: Session = { ...session, amr, authenticatedAt: at, ...counter };
  const claims = await customClaims(ctx, user, proven);
  // The tokens are signed before the write, so that a failing signer changes nothing. No caller has them yet.
  const pair = await issuePair(ctx, { user, session: proven, claims });
  const event = await trying.commit(async (tx): Promise<Outcome | null> => {
    if (!(await tx.sessions.reauthenticate(id, { userId: user.id, expectedCounter, amr, at }))) return null;
    await takeSpends(tx, proof.spends, { trying, at });
    return { userId: user.id, sessionId: id };
  });
  return event && pair;
}

/** Reads outside of the transaction, which may keep showing the old counter. Null: the session has ended. */
async function readAgain(ctx: Context, { id }: Session): Promise<Session | null> {
  const found = await ctx.store.sessions.find(id);
  const isLive = found && sessionState(found.session, ctx.clock.now()) === "live";
  return isLive && found.user.status === "active" ? found.session : null;
}
