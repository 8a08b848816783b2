import { hash } from "node:crypto";
import type { Context } from "../context.ts";
import { AuthError } from "../errors.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";
import { assertClaims, assertTime } from "../tokens/principal.ts";
import { MAX_TOKEN_LENGTH } from "../tokens/token-format.ts";

/** Returns the claims of a token that this library signed, expired or not. Any other text throws `invalid_token`. */
export async function readAccessToken(ctx: Context, token: string): Promise<AccessClaims> {
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw new AuthError("invalid_token");
  // Verification waits behind password hashes for a thread; a digest does not wait. Only valid signatures are cached,
  // by the digest of the whole token. The time is checked at each call (compare CVE-2026-35039 of fast-jwt).
  const digest = hash("sha256", token, "base64");
  const known = ctx.signatures.get(digest);
  if (known) return known;
  const claims = await ctx.signer.verify(token);
  if (!claims) throw new AuthError("invalid_token");
  ctx.signatures.set(digest, claims);
  return claims;
}

/**
 * Throws `invalid_token` for a token from the future, and `token_expired` for an expired token. A token from before
 * `hooks.claims` existed has expired, too.
 */
export function assertInTime(ctx: Context, claims: AccessClaims): void {
  assertTime(claims, ctx.clock.now());
  if (ctx.settings.hooks.claims) assertClaims(claims);
}
