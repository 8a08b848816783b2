import type { ClientInfo, Refreshed } from "../auth.ts";
import type { Context, PresentedRefresh } from "../context.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import { addMs } from "../domain/duration.ts";
import type { SessionId } from "../domain/ids.ts";
import { judgeRefresh } from "../domain/refresh-verdict.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { AuthError, type AuthErrorCode } from "../errors.ts";
import { customClaims } from "../kit/custom-claims.ts";
import { addressLimits, enforceLimits, type LimitedAttempt, sessionLimits } from "../kit/enforce-limits.ts";
import { type Client, parseClient } from "../kit/input.ts";
import { issueTokens } from "../kit/issue-tokens.ts";
import { announceEvent, type FailAttempt, failAttempt, newEvent } from "../kit/record-event.ts";

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
    await countForAddress(ctx, client);
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

async function countForAddress(
  ctx: Context,
  client: Client,
  named: LimitedAttempt["named"] = {},
): Promise<void> {
  const limits = addressLimits("refresh", ctx.settings.limits.refresh.address, client);
  await enforceLimits(ctx, { type: "refresh", limits, named, client });
}

interface Case {
  readonly session: Session;
  readonly user: User;
  readonly client: Client;
  readonly fail: FailAttempt;
  /** For a token that is worth no more than a forged one, and counts like it: nobody fills the log with them. */
  readonly refuse: (code: AuthErrorCode) => Promise<never>;
}

async function readCase(ctx: Context, sessionId: SessionId, client: Client): Promise<Case> {
  const ways = (named: LimitedAttempt["named"]): Pick<Case, "fail" | "refuse"> => {
    const fail = failAttempt(ctx, { type: "refresh", ...named }, client);
    return {
      fail,
      refuse: async (code) => {
        await countForAddress(ctx, client, named);
        return fail(new AuthError(code));
      },
    };
  };
  const unknown = ways({ sessionId });
  const found = await ctx.store.sessions.find(sessionId).catch(unknown.fail);
  if (!found) return unknown.refuse("invalid_token");
  return { ...found, client, ...ways({ userId: found.user.id, sessionId }) };
}

/** A slow hook or store must not use up the grace: of two tabs that came at once, one would end the session. */
interface Arrived extends PresentedRefresh {
  readonly arrivedAt: Date;
}

/** Null: another refresh or a logout moved the row first, and it has to be read anew. */
async function answer(
  ctx: Context,
  current: Case,
  { counter, arrivedAt }: Arrived,
): Promise<Refreshed | null> {
  const { session, user, fail, refuse } = current;
  if (user.status !== "active") return refuse("session_revoked");
  const { grace } = ctx.settings.session;
  switch (judgeRefresh(session, { counter, now: ctx.clock.now(), arrivedAt, grace })) {
    case "rotate":
      return rotate(ctx, current);
    case "repeat":
      // The successor that was handed out already: no write, and the idle end stays where it is.
      return issueTokens(ctx, { user, session, claims: await customClaims(ctx, user, session).catch(fail) });
    case "stale":
      return fail(new AuthError("invalid_token"), "refresh_stale");
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

async function rotate(ctx: Context, { session, user, client, fail }: Case): Promise<Refreshed | null> {
  const { ip, userAgent } = client;
  // Before the swap: a hook that is down would use up the token and hand out no successor. Before the clock
  // is read, too: a slow one would use up the grace.
  const claims = await customClaims(ctx, user, { ...session, ip, userAgent }).catch(fail);
  const refreshedAt = ctx.clock.now();
  const idleEnd = addMs(refreshedAt, ctx.settings.session.idleTtl);
  const idleExpiresAt = idleEnd < session.expiresAt ? idleEnd : session.expiresAt;
  const rotation = { refreshedAt, idleExpiresAt, ip, userAgent };
  const next: Session = { ...session, ...rotation, refreshCounter: session.refreshCounter + 1 };
  const won = await ctx.store.sessions.rotate(session.id, session.refreshCounter, rotation).catch(fail);
  return won ? issueTokens(ctx, { user, session: next, claims }) : null;
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
