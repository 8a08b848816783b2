import type { Principal, VerifyOptions } from "../api/auth.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { AuthError } from "../errors.ts";
import { isPlainObject } from "../lib/plain-object.ts";
import { type AccessClaims, judgeTime } from "./access-claims.ts";

// `sallyport/verifier` uses this file too, so it must not import from `node:`.

const NO_CLAIMS: object = Object.freeze({});

/** Returns the identity that a verified token proves. */
export function principalOf(claims: AccessClaims): Principal {
  return {
    userId: claims.sub as UserId,
    sessionId: claims.sid as SessionId,
    amr: claims.amr,
    // The time comes from the token, not from the session: a reauthentication must not refresh copies of older tokens.
    authenticatedAt: new Date(claims.auth_time * 1000),
    claims: claims.claims ?? NO_CLAIMS,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
  };
}

/** Throws `invalid_token` for a token from the future, and `token_expired` for an expired token. */
export function assertTime(claims: Pick<AccessClaims, "iat" | "exp">, now: Date): void {
  const verdict = judgeTime(claims, now);
  if (verdict === "not_yet") throw new AuthError("invalid_token");
  if (verdict === "expired") throw new AuthError("token_expired");
}

/**
 * Throws `token_expired` for a token without claims of the application: it is from before the application had any, and
 * `Principal["claims"]` would not have its type. A refresh gives a token with claims.
 */
export function assertClaims({ claims }: Pick<AccessClaims, "claims">): void {
  if (claims === undefined) throw new AuthError("token_expired");
}

/** Throws `forbidden` unless the token belongs to `options.userId`. Without options every user passes. */
export function assertUser(claims: AccessClaims, options: VerifyOptions | undefined): void {
  if (options === undefined) return;
  // Wrong options must not skip the intended check: `verifyToken(token, userId)`, `{ userid }`, `[]`, a promise of
  // options, or a `userId` that is undefined since a route parameter is misspelt.
  const names = isPlainObject(options) ? Object.keys(options) : [];
  const isMeant = names.length === 1 && names[0] === "userId";
  if (!isMeant || options.userId !== claims.sub) throw new AuthError("forbidden");
}
