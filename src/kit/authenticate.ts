import type { Context } from "../context.ts";
import type { Budget } from "../domain/budget.ts";
import type { SessionId } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { isAuthError } from "../errors.ts";
import type { SessionRecord } from "../ports/auth-store.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";
import type { Client } from "./input.ts";
import { recordBounded } from "./limits/record-bounded.ts";
import { assertInTime, readAccessToken } from "./read-access-token.ts";
import { requireLive } from "./session-check.ts";

const DAY_MS = 86_400_000;
/** A forgotten tab asks all day. It leaves a few events, not thousands. */
const ENDED_SESSIONS: Budget = { name: "ended-session", session: [{ points: 1, windowMs: DAY_MS }] };

export interface Authenticated {
  readonly claims: AccessClaims;
  readonly session: Session;
  readonly user: User;
}

/**
 * The only way from a token to a user. It checks the signature, the claims, the expiry, the session and the user's
 * status. It reads the session each time and ignores `session.check`: its callers show or change private data. The use
 * of an ended session leaves an event.
 */
export async function authenticate(ctx: Context, token: string, client: Client): Promise<Authenticated> {
  const claims = await readAccessToken(ctx, token);
  assertInTime(ctx, claims);
  const found = await ctx.store.sessions.find(claims.sid as SessionId);
  const { audience } = ctx.settings;
  try {
    return { claims, ...requireLive(found, { userId: claims.sub, audience, now: ctx.clock.now() }) };
  } catch (error) {
    if (isAuthError(error)) await recordEnded(ctx, { claims, found, client, reason: error.code });
    throw error;
  }
}

interface EndedUse {
  readonly claims: AccessClaims;
  readonly found: SessionRecord | null;
  readonly client: Client;
  readonly reason: string;
}

// The token is genuine, so each session has a count of its own. A deleted user is not named.
async function recordEnded(ctx: Context, { claims, found, client, reason }: EndedUse): Promise<void> {
  const sessionId = claims.sid as SessionId;
  await recordBounded(ctx, ENDED_SESSIONS, {
    type: "ended_session",
    outcome: "failure",
    reason,
    named: { userId: found?.user.id === claims.sub ? found.user.id : undefined, sessionId },
    client,
    session: sessionId,
  });
}
