import type { Refreshed } from "../../api/auth.ts";
import type { Context, PresentedRefresh, SignedRequest } from "../../context.ts";
import { onlyScopes } from "../../domain/budget.ts";
import { addMs } from "../../domain/duration.ts";
import type { SessionId } from "../../domain/ids.ts";
import { judgeRefresh } from "../../domain/refresh-verdict.ts";
import { isSessionOf, REPLACED, type Session } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";
import type { FailureReason } from "../../domain/vocabulary.ts";
import { AuthError, type AuthErrorCode, notOurs, sparingCookies } from "../../errors.ts";
import { type Attempt, attempt, type Outcome } from "../../kit/attempt.ts";
import { customClaims } from "../../kit/custom-claims.ts";
import { type Client, parseClient } from "../../kit/input.ts";
import { issueTokens } from "../../kit/issue-tokens.ts";
import { enforceLimits, isWithinLimits } from "../../kit/limits/budget.ts";
import { prepareNotice } from "../../kit/notices.ts";
import { recordRepeat } from "../../kit/record-repeat.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

const TYPE = "refresh";
const MAX_ATTEMPTS = 3;
// After another refresh came first, a read shows a higher counter. Only a late replica shows the old counter.
const REPLICA =
  "The session could not be rotated, but each read showed it unchanged. Does the store read from a replica?";

/** Exchanges a refresh token for the next pair of tokens. It follows the table in docs/sessions.md, case by case. */
export async function refresh(
  ctx: Context,
  request: Omit<SignedRequest<never>, "input">,
): Promise<Refreshed> {
  const client = parseClient(request.client);
  const arrivedAt = ctx.clock.now();
  const presented = ctx.refreshTokens.read(request.token);
  const { refresh: budget } = ctx.settings.limits;
  if (!presented) {
    await enforceLimits(ctx, onlyScopes(budget, "address"), { type: TYPE, named: {}, client });
    throw notOurs();
  }
  const { sessionId } = presented;
  const draft = { type: TYPE, named: { sessionId }, client } as const;
  // Genuine tokens count for their session only: many users behind one address must not be signed out.
  await enforceLimits(ctx, onlyScopes(budget, "session"), { ...draft, session: sessionId });
  return attempt(ctx, { ...draft, isQuiet: true }, async (trying) => {
    for (let count = 1; count <= MAX_ATTEMPTS; count++) {
      const current = await readCase(ctx, trying, { sessionId, client });
      const refreshed = await answer(ctx, current, { ...presented, arrivedAt });
      if (refreshed) return refreshed;
    }
    throw new AuthError("unavailable", { cause: REPLICA });
  });
}

interface Case {
  readonly session: Session;
  readonly user: User;
  readonly client: Client;
  readonly trying: Attempt;
}

interface Presented {
  readonly sessionId: SessionId;
  readonly client: Client;
}

async function readCase(ctx: Context, trying: Attempt, { sessionId, client }: Presented): Promise<Case> {
  const found = await ctx.store.sessions.find(sessionId);
  // A session of another application answers like an unknown session.
  if (!found || !isSessionOf(ctx.settings.audience, found.session))
    return refuse(ctx, { trying, client }, ["invalid_token"]);
  trying.name({ userId: found.user.id, sessionId });
  return { ...found, client, trying };
}

/**
 * Refuses a genuine token of no further use. A collector of such tokens must not fill the log: beyond the address's
 * limit, only milestones are recorded. The answer does not change: the session is over.
 */
async function refuse(
  ctx: Context,
  { trying, client }: Pick<Case, "trying" | "client">,
  [code, reason, isOutdated]: Refusal,
): Promise<never> {
  const budget = { ...onlyScopes(ctx.settings.limits.refresh, "address"), name: "refresh-refused" };
  const refusal = trying.refuse(code, reason);
  const error = isOutdated ? sparingCookies(refusal) : refusal;
  const isRecorded = await isWithinLimits(ctx, budget, { type: TYPE, named: {}, client });
  throw isRecorded ? error : trying.dismiss(error);
}

/** `isOutdated`: the browser got other tokens after this one. */
type Refusal = readonly [code: AuthErrorCode, reason?: FailureReason | undefined, isOutdated?: boolean];

/** The grace counts at arrival. Otherwise a slow hook or store could make the second of two tabs end the session. */
interface Arrived extends PresentedRefresh {
  readonly arrivedAt: Date;
}

/** Null: another refresh or a logout changed the row first. The caller reads it again. */
async function answer(
  ctx: Context,
  current: Case,
  { counter, arrivedAt }: Arrived,
): Promise<Refreshed | null> {
  const { session, user } = current;
  if (user.status !== "active") return refuse(ctx, current, ["session_revoked"]);
  const { grace } = ctx.settings.session;
  switch (judgeRefresh(session, { counter, now: ctx.clock.now(), arrivedAt, grace })) {
    case "rotate":
      return rotate(ctx, current);
    case "repeat":
      return repeat(ctx, current);
    case "stale":
      return refuse(ctx, current, ["invalid_token", "refresh_stale", true]);
    case "unknown":
      return refuse(ctx, current, ["invalid_token"]);
    case "revoked":
      return refuse(ctx, current, ["session_revoked", undefined, session.revokeReason === REPLACED]);
    case "expired":
      return refuse(ctx, current, ["session_expired"]);
    case "reuse":
      return endSession(ctx, current, "refresh_reuse");
    case "exhausted":
      return endSession(ctx, current, "refresh_exhausted");
  }
}

/** Gives the same successor again. It changes no session, so the idle end stays the same. */
async function repeat(ctx: Context, { session, user, client }: Case): Promise<Refreshed> {
  await recordRepeat(ctx, session, client);
  const claims = await customClaims(ctx, user, session);
  return issueTokens(ctx, { user, session, claims });
}

async function rotate(ctx: Context, { session, user, client }: Case): Promise<Refreshed | null> {
  const { ip, userAgent } = client;
  // The hook and the signer run before the swap: a failure must not use up the token without a successor. The hook
  // runs before the clock is read: a slow hook must not use up the grace.
  const claims = await customClaims(ctx, user, { ...session, ip, userAgent });
  const refreshedAt = ctx.clock.now();
  const idleEnd = addMs(refreshedAt, ctx.settings.session.idleTtl);
  const idleExpiresAt = idleEnd < session.expiresAt ? idleEnd : session.expiresAt;
  const rotation = { refreshedAt, idleExpiresAt, ip, userAgent };
  const next: Session = { ...session, ...rotation, refreshCounter: session.refreshCounter + 1 };
  const refreshed = await issueTokens(ctx, { user, session: next, claims });
  const won = await ctx.store.sessions.rotate(session.id, session.refreshCounter, rotation);
  return won ? refreshed : null;
}

type Ending = "refresh_reuse" | "refresh_exhausted";

// The server cannot tell the thief from the owner. The session ends for both, and the event has both addresses.
async function endSession(ctx: Context, current: Case, reason: Ending): Promise<never> {
  const { session, user, client, trying } = current;
  const { id: sessionId, ip: lastIp } = session;
  const userId = user.id;
  const isTold = reason === "refresh_reuse";
  const notice = isTold ? await prepareNotice(ctx, { kind: "session_reuse", user, client }) : null;
  const end = async (tx: AuthStore): Promise<Outcome | null> => {
    if (!(await tx.sessions.revoke(sessionId, { userId, reason, at: ctx.clock.now() }))) return null;
    if (notice) await tx.outbox.put([notice.mail]);
    const data = lastIp === null ? undefined : { lastIp };
    return { outcome: "failure", reason, userId, sessionId, data, ended: { session: sessionId } };
  };
  const event = await trying.commit(end, [notice]);
  throw event ? new AuthError("session_revoked") : trying.refuse("session_revoked");
}
