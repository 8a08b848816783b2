import type { ClientInfo, Refreshed } from "../../api/auth.ts";
import type { Context, PresentedRefresh } from "../../context.ts";
import type { AuthEvent } from "../../domain/auth-event.ts";
import { addMs } from "../../domain/duration.ts";
import type { SessionId } from "../../domain/ids.ts";
import { judgeRefresh } from "../../domain/refresh-verdict.ts";
import type { Session } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";
import { AuthError, type AuthErrorCode } from "../../errors.ts";
import { customClaims } from "../../kit/custom-claims.ts";
import {
  addressLimits,
  enforceLimits,
  isWithinLimits,
  type LimitedAttempt,
  sessionLimits,
} from "../../kit/enforce-limits.ts";
import { type Client, parseClient } from "../../kit/input.ts";
import { issueTokens } from "../../kit/issue-tokens.ts";
import { announceEvent, type FailAttempt, failAttempt, newEvent } from "../../kit/record-event.ts";

const MAX_ATTEMPTS = 3;
// Who lost to another refresh finds the counter moved, unless they read where writes arrive late.
const REPLICA =
  "The session could not be rotated, and read as unchanged each time: is it read from a replica?";

/** Gives the next pair of tokens for a refresh token. The table of docs/sessions.md, case by case. */
export async function refresh(ctx: Context, token: string, clientInfo: ClientInfo): Promise<Refreshed> {
  const client = parseClient(clientInfo);
  const arrivedAt = ctx.clock.now();
  const presented = ctx.refreshTokens.read(token);
  if (!presented) {
    await enforceLimits(ctx, forAddress(ctx, "refresh", client));
    throw new AuthError("invalid_token");
  }
  const { sessionId } = presented;
  // Genuine tokens count for their session alone: an office behind one address must not be signed out.
  const limits = sessionLimits("refresh", ctx.settings.limits.refresh.session, sessionId);
  await enforceLimits(ctx, { type: "refresh", limits, named: { sessionId }, client });
  for (let attempt = 1; ; attempt++) {
    const current = await readCase(ctx, sessionId, client);
    const signedIn = await answer(ctx, current, { ...presented, arrivedAt });
    if (signedIn) return signedIn;
    if (attempt === MAX_ATTEMPTS) return current.fail(new AuthError("unavailable", { cause: REPLICA }));
  }
}

function forAddress(ctx: Context, of: string, client: Client): LimitedAttempt {
  const limits = addressLimits(of, ctx.settings.limits.refresh.address, client);
  return { type: "refresh", limits, named: {}, client };
}

interface Case {
  readonly session: Session;
  readonly user: User;
  readonly client: Client;
  readonly fail: FailAttempt;
  /** For a genuine token that is worth nothing any more. */
  readonly refuse: (code: AuthErrorCode, reason?: string) => Promise<never>;
}

async function readCase(ctx: Context, sessionId: SessionId, client: Client): Promise<Case> {
  const ways = (named: LimitedAttempt["named"]): Pick<Case, "fail" | "refuse"> => {
    const fail = failAttempt(ctx, { type: "refresh", ...named }, client);
    return {
      fail,
      // Whoever collects such tokens must not fill the log: beyond the address's limit only its milestones are
      // recorded. The answer stays the true one: a client must hear that its session is over.
      refuse: async (code, reason) => {
        const error = new AuthError(code);
        if (await isWithinLimits(ctx, forAddress(ctx, "refresh-refused", client))) return fail(error, reason);
        throw error;
      },
    };
  };
  const unknown = ways({ sessionId });
  const found = await ctx.store.sessions.find(sessionId).catch(unknown.fail);
  if (!found) return unknown.refuse("invalid_token");
  return { ...found, client, ...ways({ userId: found.user.id, sessionId }) };
}

/** Who waits for a slow hook or store is not late by it: of two tabs that came at once, one would end the session. */
interface Arrived extends PresentedRefresh {
  readonly arrivedAt: Date;
}

/** Null: another refresh or a logout moved the row first, and it has to be read anew. */
async function answer(
  ctx: Context,
  current: Case,
  { counter, arrivedAt }: Arrived,
): Promise<Refreshed | null> {
  const { session, user, refuse } = current;
  if (user.status !== "active") return refuse("session_revoked");
  const { grace } = ctx.settings.session;
  switch (judgeRefresh(session, { counter, now: ctx.clock.now(), arrivedAt, grace })) {
    case "rotate":
      return rotate(ctx, current);
    case "repeat":
      return repeat(ctx, current);
    case "stale":
      return refuse("invalid_token", "refresh_stale");
    case "unknown":
      return refuse("invalid_token");
    case "revoked":
      return refuse("session_revoked");
    case "expired":
      return refuse("session_expired");
    case "reuse":
      return endSession(ctx, current, "refresh_reuse");
    case "exhausted":
      return endSession(ctx, current, "refresh_exhausted");
  }
}

/** The successor that was handed out already: no write, and the idle end stays where it is. */
async function repeat(ctx: Context, { session, user, fail }: Case): Promise<Refreshed> {
  const claims = await customClaims(ctx, user, session).catch(fail);
  return issueTokens(ctx, { user, session, claims }).catch(fail);
}

async function rotate(ctx: Context, { session, user, client, fail }: Case): Promise<Refreshed | null> {
  const { ip, userAgent } = client;
  // Before the swap: a hook or signer that is down would use up the token and hand out no successor. The hook
  // before the clock is read, too: a slow one would use up the grace.
  const claims = await customClaims(ctx, user, { ...session, ip, userAgent }).catch(fail);
  const refreshedAt = ctx.clock.now();
  const idleEnd = addMs(refreshedAt, ctx.settings.session.idleTtl);
  const idleExpiresAt = idleEnd < session.expiresAt ? idleEnd : session.expiresAt;
  const rotation = { refreshedAt, idleExpiresAt, ip, userAgent };
  const next: Session = { ...session, ...rotation, refreshCounter: session.refreshCounter + 1 };
  const refreshed = await issueTokens(ctx, { user, session: next, claims }).catch(fail);
  const won = await ctx.store.sessions.rotate(session.id, session.refreshCounter, rotation).catch(fail);
  return won ? refreshed : null;
}

type Ending = "refresh_reuse" | "refresh_exhausted";

// Thief and owner cannot be told apart: the session ends for both, and the event has both addresses.
async function endSession(
  ctx: Context,
  { session, user, client, fail }: Case,
  reason: Ending,
): Promise<never> {
  const { id: sessionId, ip: lastIp } = session;
  const userId = user.id;
  const end = async (): Promise<AuthEvent | null> =>
    ctx.store.transaction(async (tx) => {
      if (!(await tx.sessions.revoke(sessionId, { userId, reason, at: ctx.clock.now() }))) return null;
      const data = lastIp === null ? undefined : { lastIp };
      const draft = { type: "refresh", outcome: "failure", reason, userId, sessionId, data } as const;
      const event = newEvent(ctx, draft, client);
      await tx.events.append([event]);
      return event;
    });
  const event = await end().catch(fail);
  if (!event) return fail(new AuthError("session_revoked"));
  ctx.sessionCheck.forgetSession(sessionId);
  announceEvent(ctx, event);
  throw new AuthError("session_revoked");
}
