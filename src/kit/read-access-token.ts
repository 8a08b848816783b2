import { hash } from "node:crypto";
import type { Context } from "../context.ts";
import { AuthError } from "../errors.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";
import { assertTime } from "../tokens/principal.ts";
import { MAX_TOKEN_LENGTH } from "../tokens/token-format.ts";

/** The claims of a token that this library signed, whatever the time; else throws `invalid_token`. */
export async function readAccessToken(ctx: Context, token: string): Promise<AccessClaims> {
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw new AuthError("invalid_token");
  // Verification waits for a thread behind password hashes; a digest does not. Only good signatures are
  // kept, under the digest of the whole token, and time is judged anew each time (as in fast-jwt CVE-2026-35039).
  const digest = hash("sha256", token, "base64");
  const known = ctx.signatures.get(digest);
  if (known) return known;
  const claims = await ctx.signer.verify(token);
  if (!claims) throw new AuthError("invalid_token");
  ctx.signatures.set(digest, claims);
  return claims;
}

/** Throws `invalid_token` for a token from the future, `token_expired` for one whose time is over. */
export function assertInTime(ctx: Context, claims: AccessClaims): void {
  assertTime(claims, ctx.clock.now());
}
