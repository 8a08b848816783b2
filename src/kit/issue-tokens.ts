import { randomInt } from "node:crypto";
import type { Reauthenticated, Refreshed, SignedIn } from "../api/auth.ts";
import type { Context } from "../context.ts";
import type { Device } from "../domain/device.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { toPublicUser, toSessionInfo } from "./views.ts";

export interface Issuing {
  readonly user: User;
  /** The session as the store will hold it. */
  readonly session: Session;
  /** The result of `hooks.claims`. */
  readonly claims: object | undefined;
}

/** Makes the answer to a right password: the tokens of a session, and a device token. */
export async function issueSignIn(ctx: Context, issuing: Issuing, device: Device | null): Promise<SignedIn> {
  const { user, session } = issuing;
  const deviceToken = ctx.deviceTokens.issue({ user, device, at: session.createdAt });
  return { ...(await issueTokens(ctx, issuing)), deviceToken };
}

/** Makes both tokens of a session, with the public data of its user and session. */
export async function issueTokens(ctx: Context, issuing: Issuing): Promise<Refreshed> {
  const { user, session } = issuing;
  return {
    status: "signed_in",
    user: toPublicUser(user),
    session: toSessionInfo(session),
    ...(await issuePair(ctx, issuing)),
  };
}

/** Makes both tokens of a session in its present state. */
export async function issuePair(ctx: Context, issuing: Issuing): Promise<Reauthenticated> {
  const { id: sessionId, refreshCounter: counter, idleExpiresAt } = issuing.session;
  return {
    ...(await signAccessToken(ctx, issuing)),
    refreshToken: ctx.refreshTokens.issue({ sessionId, counter }),
    refreshTokenExpiresAt: idleExpiresAt,
  };
}

type Signed = Pick<Reauthenticated, "accessToken" | "accessTokenExpiresAt">;

// The token never outlives the session.
async function signAccessToken(ctx: Context, { user, session, claims }: Issuing): Promise<Signed> {
  const issuedAt = ctx.clock.now();
  const end = Math.min(
    issuedAt.getTime() + lifetime(ctx, session),
    session.idleExpiresAt.getTime(),
    session.expiresAt.getTime(),
  );
  const exp = Math.floor(end / 1000);
  const accessToken = await ctx.signer.sign({
    sub: user.id,
    sid: session.id,
    jti: ctx.newId(issuedAt),
    iat: Math.floor(issuedAt.getTime() / 1000),
    exp,
    auth_time: Math.floor(session.authenticatedAt.getTime() / 1000),
    amr: session.amr,
    ...(claims && { claims }),
  });
  return { accessToken, accessTokenExpiresAt: new Date(exp * 1000) };
}

// A client refreshes when its token ends. Random ends separate clients that would refresh together each time.
function lifetime(ctx: Context, { refreshedAt }: Session): number {
  const { accessTtl, jitter } = ctx.settings.session;
  return refreshedAt === null ? accessTtl : accessTtl - randomInt(Math.floor(accessTtl * jitter) + 1);
}
