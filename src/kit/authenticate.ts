import { hash } from "node:crypto";
import type { VerifyOptions } from "../auth.ts";
import type { Context } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import { type Session, sessionState } from "../domain/session.ts";
import { MAX_TOKEN_LENGTH } from "../domain/token-format.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import type { AccessClaims } from "../ports/token-signer.ts";

const FUTURE_TOLERANCE_SECONDS = 5;

export interface Authenticated {
  readonly claims: AccessClaims;
  readonly session: Session;
  readonly user: User;
}

/** The one way from a token to a user: signature, claims, expiry, session, status. */
export async function authenticate(
  ctx: Context,
  token: string,
  options: VerifyOptions = {},
): Promise<Authenticated> {
  const claims = await readAccessToken(ctx, token);
  assertInTime(ctx, claims);
  const record = await ctx.store.sessions.find(claims.sid as SessionId);
  // The session of a deleted user is gone with them.
  if (!record || record.session.userId !== claims.sub || record.user.status !== "active") {
    throw new AuthError("session_revoked");
  }
  const state = sessionState(record.session, ctx.clock.now());
  if (state !== "live") throw new AuthError(state === "revoked" ? "session_revoked" : "session_expired");
  // Present but undefined is a misspelt route parameter, not a check left out.
  if ("userId" in options && options.userId !== claims.sub) throw new AuthError("forbidden");
  return { claims, ...record };
}

function assertInTime(ctx: Context, { iat, exp }: AccessClaims): void {
  const seconds = ctx.clock.now().getTime() / 1000;
  if (iat > seconds + FUTURE_TOLERANCE_SECONDS) throw new AuthError("invalid_token");
  if (exp <= seconds) throw new AuthError("token_expired");
}

/** The claims of a token that this library signed, whatever the time; else throws `invalid_token`. */
export async function readAccessToken(ctx: Context, token: string): Promise<AccessClaims> {
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw new AuthError("invalid_token");
  const claims = await verifySignature(ctx, token);
  if (!claims) throw new AuthError("invalid_token");
  return claims;
}

// Verification waits for a thread behind password hashes; a digest does not. Only good signatures are
// kept, under the digest of the whole token, and time is judged anew each time (as in fast-jwt CVE-2026-35039).
async function verifySignature(ctx: Context, token: string): Promise<AccessClaims | null> {
  const digest = hash("sha256", token, "base64");
  const known = ctx.signatures.get(digest);
  if (known) return known;
  const claims = await ctx.signer.verify(token);
  if (claims) ctx.signatures.set(digest, claims);
  return claims;
}
