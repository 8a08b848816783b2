import { randomInt } from "node:crypto";
import type { Reauthenticated, Refreshed, SignedIn } from "../api/auth.ts";
import type { Context } from "../context.ts";
import type { Device } from "../domain/device.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { toPublicUser, toSessionInfo } from "./views.ts";

export interface Issuing {
  readonly user: User;
  /** As it is stored. */
  readonly session: Session;
  /** What `hooks.claims` said. */
  readonly claims: object | undefined;
}

/** The answer to who knew the password: tokens of a session, and one for the device. */
export async function issueSignIn(ctx: Context, issuing: Issuing, device: Device | null): Promise<SignedIn> {
  const { user, session } = issuing;
  const deviceToken = ctx.deviceTokens.issue(user.emailCanonical, session.createdAt, device);
  return { ...(await issueTokens(ctx, issuing)), deviceToken };
}

/** Who, the session, and both of its tokens. */
export async function issueTokens(ctx: Context, issuing: Issuing): Promise<Refreshed> {
  const { user, session } = issuing;
  return {
    status: "signed_in",
    user: toPublicUser(user),
    session: toSessionInfo(session),
    ...(await signAccessToken(ctx, issuing)),
    refreshToken: ctx.refreshTokens.issue({ sessionId: session.id, counter: session.refreshCounter }),
    refreshTokenExpiresAt: session.idleExpiresAt,
  };
}

/** An access token of the session as it is now; it never outlives it. */
export async function signAccessToken(
  ctx: Context,
  { user, session, claims }: Issuing,
): Promise<Reauthenticated> {
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

// Clients that refresh come back when the token ends: those that came together must not do so for ever.
function lifetime(ctx: Context, { refreshedAt }: Session): number {
  const { accessTtl, jitter } = ctx.settings.session;
  return refreshedAt === null ? accessTtl : accessTtl - randomInt(Math.floor(accessTtl * jitter) + 1);
}
