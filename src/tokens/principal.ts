import type { Principal, VerifyOptions } from "../api/auth.ts";
import type { SessionId, UserId } from "../domain/ids.ts";
import { AuthError } from "../errors.ts";
import { type AccessClaims, judgeTime } from "./access-claims.ts";

// `sallyport/verifier` stands on this too: no `node:` import may come in.

const NO_CLAIMS: object = Object.freeze({});

/** Who a verified token says its bearer is. */
export function principalOf(claims: AccessClaims): Principal {
  return {
    userId: claims.sub as UserId,
    sessionId: claims.sid as SessionId,
    amr: claims.amr,
    // The token's own word, not the session's: a reauthentication must not lift copies of older tokens.
    authenticatedAt: new Date(claims.auth_time * 1000),
    claims: claims.claims ?? NO_CLAIMS,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
  };
}

/** Throws `invalid_token` for a token from the future, `token_expired` for one whose time is over. */
export function assertTime(claims: Pick<AccessClaims, "iat" | "exp">, now: Date): void {
  const verdict = judgeTime(claims, now);
  if (verdict === "not_yet") throw new AuthError("invalid_token");
  if (verdict === "expired") throw new AuthError("token_expired");
}

/** Throws `forbidden` for another user than the one that was asked for. */
export function assertUser(claims: AccessClaims, options: VerifyOptions): void {
  // `verifyToken(token, userId)`, `{ userid }`: a check that was meant must not be one that is left out.
  const isMeant = typeof options === "object" && options !== null;
  if (!isMeant || Object.keys(options).some((name) => name !== "userId")) throw new AuthError("forbidden");
  // Present but undefined is a misspelt route parameter, not a check left out.
  if ("userId" in options && options.userId !== claims.sub) throw new AuthError("forbidden");
}
